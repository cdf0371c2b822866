using System.Text;
using System.Text.RegularExpressions;
using Marketplace.Api.Codes;
using Marketplace.Rules;

namespace Marketplace.Api.Achievements;

/// <summary>
/// Chinese patent numbers: year (two digits until 2003, then four), a digit for the kind, a serial number, a point and a check digit
/// (Σ digit × weight mod 11, where 10 is written X); ZL before it means granted.
/// </summary>
public static partial class PatentNumber
{
    static readonly int[] Weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

    /// <summary>
    /// One spelling of a patent's number in all forms that registers and certificates print: with or without ZL or CN, blanks and the point, in full
    /// width or small letters. CN stands before applications too and says nothing, ZL that the patent was granted. What is no such number, and the
    /// numbers of other rights, stay as they are.
    /// </summary>
    public static Right Canonical(Right right)
    {
        if (right.Number is not { } number || !IsPatent(right.Kind))
        {
            return right;
        }

        var text = string.Concat(number.Normalize(NormalizationForm.FormKC).Where(c => !char.IsWhiteSpace(c))).ToUpperInvariant();
        return Printed().Match(text) is { Success: true } parts
            ? right with { Number = $"{(parts.Groups[1].Value == "ZL" ? "ZL" : "")}{parts.Groups[2].Value}.{parts.Groups[3].Value}" } : right;
    }

    [GeneratedRegex("^(ZL|CN)?([0-9]{8}|[0-9]{12})[.]?([0-9X])$", RegexOptions.CultureInvariant)]
    private static partial Regex Printed();

    static bool IsPatent(RightKind kind) => kind is RightKind.InventionPatent or RightKind.UtilityModel or RightKind.Design;

    /// <summary>The number without the mark of the grant: an application and the patent that it became are one right.</summary>
    public static string Bare(string number) => number.StartsWith("ZL", StringComparison.Ordinal) ? number[2..] : number;

    /// <summary>What is wrong with the number of a patent; other rights have no check.</summary>
    public static (string Code, Wording Detail)? Fault(RightKind kind, string number)
    {
        if (!IsPatent(kind))
        {
            return null;
        }

        var text = number.AsSpan();
        if (text.StartsWith("ZL"))
        {
            text = text[2..];
        }

        if (text.Length is not (10 or 14) || text[^2] != '.' || text[..^2].ContainsAnyExceptInRange('0', '9'))
        {
            return ("invalid-format", new("专利号应为 8 或 12 位数字加“.”和校验位，可带 ZL 前缀。",
                "A patent number is 8 or 12 digits, a point and a check digit, with or without ZL before it."));
        }

        var digits = text[..^2];
        if (!Kinds(kind).Contains(digits[digits.Length == 8 ? 2 : 4]))
        {
            return ("invalid-format", new("号码中的专利种类与 kind 不符。", "The kind of patent in the number is not the one in kind."));
        }

        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            sum += (digits[i] - '0') * Weights[i];
        }

        return text[^1] == (sum % 11 == 10 ? 'X' : (char)('0' + (sum % 11)))
            ? null
            : ("check-digit", new("校验位不符。", "The check digit does not fit."));
    }

    static string Kinds(RightKind kind) => kind switch
    {
        RightKind.InventionPatent => "18",
        RightKind.UtilityModel => "29",
        _ => "3",
    };
}
