namespace Marketplace.Rules.Checking;

/// <summary>
/// Writes examples for an author to work out by hand. Each is proposed once: what an earlier one shows already needs no other.
/// </summary>
/// <param name="policy">The policy.</param>
/// <param name="taken">Names of the examples that there are.</param>
internal sealed class Suggestions(Policy policy, IEnumerable<string> taken)
{
    private static readonly (string Key, Func<AwardEvaluation, string?> Read)[] Claims =
    [
        ("outcome", a => a.Outcome is Outcome.Granted or Outcome.Refused ? null : Answers.Outcome(a.Outcome)),
        ("amount", a => a.Amount is { } sum ? Answers.Sum(sum) : null),
        ("low", a => a.Amount is null ? Answers.Sum(a.Low) : null),
        ("high", a => a.Amount is null && a.High is { } high ? Answers.Sum(high) : null),
        ("reason", a => Answers.Decisive(a)?.Code),
    ];

    private static readonly (string Key, Func<AwardEvaluation, string?> Read)[] MoreClaims =
    [
        ("payee", a => Answers.Payee(a.Payee)), ("shares", Answers.Shares), ("cites", Answers.Clauses), ("missing", Answers.Missing),
        ("fund", a => a.Fund?.Id ?? "none"), ("yearly", a => Answers.Sum(a.Fund?.Yearly)), ("onShortage", a => Answers.Shortage(a.Fund?.OnShortage)),
    ];

    // What the unchanged policy makes of cases under the chosen readings is asked again for each change.
    private readonly Dictionary<DerivedCase, IReadOnlyList<AwardEvaluation>> _known = new(ReferenceEqualityComparer.Instance);
    private readonly List<Example> _made = [];
    private readonly HashSet<string> _names = [.. taken];

    /// <summary>How often all cases were gone through.</summary>
    public int Searches { get; private set; }

    /// <summary>The case with what comes of one award.</summary>
    public string Of(DerivedCase derived, string award) => Write(derived, null, derived.Evaluate(policy).Where(a => a.Award == award).Select(a => Expect(a, null)));

    /// <summary>An example that comes out otherwise under a changed policy; null when none is found or an earlier one does.</summary>
    public string? Against(Policy changed, IEnumerable<DerivedCase> cases, IEnumerable<(string Interpretation, string Reading)?> readings)
    {
        if (_made.Exists(e => e.FirstFailure(changed) is not null)) return null;
        Searches++;
        foreach (var reading in readings)
        {
            foreach (var derived in cases)
            {
                var then = derived.Evaluate(changed, reading).ToDictionary(a => a.Award);
                var different = Now(derived, reading).Select(now => Differs(now, then.GetValueOrDefault(now.Award))).OfType<Expectation>().ToArray();
                if (different.Length > 0) return Write(derived, reading, different);
            }
        }

        return null;
    }

    private IReadOnlyList<AwardEvaluation> Now(DerivedCase derived, (string, string)? reading)
    {
        if (reading is not null) return derived.Evaluate(policy, reading);
        if (!_known.TryGetValue(derived, out var known)) _known[derived] = known = derived.Evaluate(policy);
        return known;
    }

    private static Expectation? Differs(AwardEvaluation now, AwardEvaluation? then) =>
        then is null || Claims.Any(c => c.Read(now) != c.Read(then)) || MoreClaims.Any(c => c.Read(now) != c.Read(then)) ? Expect(now, then) : null;

    private static Expectation Expect(AwardEvaluation now, AwardEvaluation? then) => new(now.Award,
    [
        .. Claims.Select(c => c.Read(now) is { } text ? new Claim(c.Key, null, text, a => c.Read(a) ?? "none") : null).OfType<Claim>(),
        .. MoreClaims.Where(c => then is not null && c.Read(now) != c.Read(then))
            .Select(c => c.Read(now) is { } text ? new Claim(c.Key, null, text, a => c.Read(a) ?? "none") : null).OfType<Claim>(),
    ]);

    private string Write(DerivedCase derived, (string, string)? reading, IEnumerable<Expectation> expected)
    {
        var example = new Example("", derived.Facts, derived.History, reading, [.. expected]);
        _made.Add(example);
        return derived.ToExample(Name(example.Expected), example.Expected, reading);
    }

    /// <summary>A name that no other example of the file has.</summary>
    private string Name(IReadOnlyList<Expectation> expected)
    {
        var plain = string.Join("; ", expected.Select(e => $"{e.Award} {e.Claims.FirstOrDefault(c => c.Key == "reason")?.Expected}".TrimEnd()));
        var name = plain;
        for (var number = 2; !_names.Add(name); number++) name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{plain} ({number})");
        return name;
    }
}
