using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>One example: facts, and what the policy must make of them.</summary>
/// <param name="Name">What it shows; unique within its file.</param>
/// <param name="Facts">What is known of the contract.</param>
/// <param name="History">Earlier grants.</param>
/// <param name="Reading">An interpretation to be read otherwise than chosen; null for the policy as it stands.</param>
/// <param name="Expected">What is said of each award.</param>
internal sealed record Example(
    string Name, Facts Facts, IReadOnlyList<Grant> History, (string Interpretation, string Reading)? Reading, IReadOnlyList<Expectation> Expected)
{
    private readonly FactValues _values = FactValues.Of(Facts);

    /// <summary>The awards of this example as a policy computes them.</summary>
    public IReadOnlyList<AwardEvaluation> Evaluate(Policy policy) => Answers.Of(policy, _values, History, Reading);

    /// <summary>The first claim that a policy does not bear out, with what it says instead; null when it bears out all.</summary>
    public (Claim Claim, string Got)? FirstFailure(Policy policy)
    {
        foreach (var failure in Failures(policy)) return failure;
        return null;
    }

    /// <summary>Each claim that a policy does not bear out, with what it says instead.</summary>
    public IEnumerable<(Claim Claim, string Got)> Failures(Policy policy)
    {
        var answers = Evaluate(policy);
        foreach (var (award, claims) in Expected)
        {
            var answer = answers.FirstOrDefault(a => a.Award == award);
            foreach (var claim in claims)
                if ((answer is null ? "none" : claim.Read(answer)) is var got && got != claim.Expected)
                    yield return (claim, got);
        }
    }
}

/// <summary>What is said of one award.</summary>
internal sealed record Expectation(string Award, IReadOnlyList<Claim> Claims);

/// <summary>One thing that is said of an award.</summary>
/// <param name="Key">Under which key.</param>
/// <param name="At">Where; null in an example that no file holds.</param>
/// <param name="Expected">What must come out.</param>
/// <param name="Read">What an evaluation says of it, in the same form.</param>
internal sealed record Claim(string Key, Node? At, string Expected, Func<AwardEvaluation, string> Read);
