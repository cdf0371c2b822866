namespace Marketplace.Rules.Documents;

/// <summary>Which provinces and prefectures there are (GB/T 2260). Counties change every year and are not looked at.</summary>
internal static class Regions
{
    // Province, then its prefectures: 01 to a last one, and single ones besides.
    private static readonly (string Province, int Last, string Others)[] Table =
    [
        ("11", 2, ""), ("12", 2, ""), ("13", 11, "90"), ("14", 11, ""), ("15", 9, "22 25 29"), ("21", 14, ""), ("22", 8, "24"), ("23", 12, "27"),
        ("31", 2, ""), ("32", 13, ""), ("33", 11, ""), ("34", 8, "10 11 12 13 15 16 17 18"), ("35", 9, ""), ("36", 11, ""), ("37", 17, ""),
        ("41", 17, "90"), ("42", 3, "05 06 07 08 09 10 11 12 13 28 90"), ("43", 13, "31"), ("44", 9, "12 13 14 15 16 17 18 19 20 51 52 53"), ("45", 14, ""), ("46", 4, "90"),
        ("50", 3, ""), ("51", 1, "03 04 05 06 07 08 09 10 11 13 14 15 16 17 18 19 20 32 33 34"), ("52", 6, "23 26 27"), ("53", 1, "03 04 05 06 07 08 09 23 25 26 28 29 31 33 34"), ("54", 6, "25"),
        ("61", 10, ""), ("62", 12, "29 30"), ("63", 2, "22 23 25 26 27 28"), ("64", 5, ""), ("65", 2, "04 05 23 27 28 29 30 31 32 40 42 43 90"),
        ("71", 99, ""), ("81", 99, ""), ("82", 99, ""),
    ];

    /// <summary>Whether the province, and below it the prefecture, of a well-formed code exists.</summary>
    public static bool IsKnown(string region)
    {
        foreach (var (province, last, others) in Table)
        {
            if (!region.StartsWith(province, StringComparison.Ordinal)) continue;
            var prefecture = region[2..4];
            return region.EndsWith("0000", StringComparison.Ordinal)
                || (string.CompareOrdinal(prefecture, "01") >= 0 && string.CompareOrdinal(prefecture, last.ToString("00", System.Globalization.CultureInfo.InvariantCulture)) <= 0)
                || others.Contains(prefecture, StringComparison.Ordinal);
        }

        return false;
    }
}
