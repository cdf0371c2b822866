namespace Marketplace.Matching;

/// <summary>Two texts that belong together: a demand and the achievement that answered it.</summary>
/// <param name="Need">The words of the demand.</param>
/// <param name="Document">The words of the achievement.</param>
public sealed record TextPair(string Need, string Document);
