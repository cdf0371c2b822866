using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>
/// The argument that a change of the document changes no answer, so that no example can notice it:
/// <c>- equivalent: { at: awards.x.amount.rate, change: 1.1%, reason: … }</c>. What is left out is the change <c>(left out)</c>.
/// </summary>
/// <param name="Node">Where it stands.</param>
/// <param name="At">Path of the value in the document.</param>
/// <param name="Change">What the value becomes.</param>
internal sealed record Equivalent(Node Node, string At, string Change);
