namespace Marketplace.Api.Parties;

/// <summary>
/// 统一社会信用代码, GB 32100-2015: 18 characters of 31 (no I, O, S, V, Z); positions 3–8 a region, 9–17 the organisation code of
/// GB 11714 with a check character of its own, 18 the check character of the whole.
/// </summary>
public static class CreditCode
{
    const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const string OrganisationAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    static readonly int[] Weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    static readonly int[] OrganisationWeights = [3, 7, 9, 10, 5, 8, 4, 2];

    public static bool HasForm(string code) =>
        code.Length == 18 && !code.AsSpan().ContainsAnyExcept(Alphabet) && !code.AsSpan(2, 6).ContainsAnyExceptInRange('0', '9');

    /// <summary>Position 17 checks positions 9–16 (GB 11714): 11 − Σ mod 11, where 10 is written X and 11 is 0.</summary>
    public static bool OrganisationChecks(string code)
    {
        var sum = 0;
        for (var i = 0; i < 8; i++)
        {
            sum += OrganisationAlphabet.IndexOf(code[8 + i], StringComparison.Ordinal) * OrganisationWeights[i];
        }

        var check = (11 - (sum % 11)) % 11;
        return code[16] == (check == 10 ? 'X' : (char)('0' + check));
    }

    /// <summary>Position 18 checks positions 1–17: (31 − Σ mod 31) mod 31, so a sum of 0 gives 0 and a sum of 1 gives Y.</summary>
    public static bool Checks(string code)
    {
        var sum = 0;
        for (var i = 0; i < 17; i++)
        {
            sum += Alphabet.IndexOf(code[i], StringComparison.Ordinal) * Weights[i];
        }

        return code[17] == Alphabet[(31 - (sum % 31)) % 31];
    }
}
