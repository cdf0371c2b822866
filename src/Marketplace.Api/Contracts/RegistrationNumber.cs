using System.Globalization;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

/// <summary>How a registration number is made up. 合同登记编号的格式</summary>
public enum NumberFormat
{
    /// <summary>Year 2, province 2, city 2, registration point 2, serial 6.</summary>
    [Label("14位编号", "14 digits")] Digits14,

    /// <summary>Year 4, area 6 (GB/T 2260), serial 6.</summary>
    [Label("16位编号", "16 digits")] Digits16,

    /// <summary>None of those in force on the day of recognition.</summary>
    [Label("其他格式", "Another form")] Other,
}

/// <summary>Registration numbers: which form of which rules one has, and the market's own.</summary>
static class RegistrationNumber
{
    /// <summary>The rules of 2000 (国科发政字〔2000〕063号) end with February 2026; those of 2026 (issued 2026-01-23) follow.</summary>
    static readonly (DateOnly From, NumberFormat[] Formats)[] Regimes =
    [
        (new(2000, 2, 16), [NumberFormat.Digits14, NumberFormat.Digits16]),
        (new(2026, 3, 1), [NumberFormat.Digits16]),
    ];

    public static NumberFormat FormatOf(string number, DateOnly recognisedOn)
    {
        var formats = Regimes.LastOrDefault(regime => regime.From <= recognisedOn).Formats ?? [];
        return formats.FirstOrDefault(format => Fits(number, format, recognisedOn.Year), NumberFormat.Other);
    }

    /// <summary>
    /// The office's next number of a year, in sixteen digits. It is taken in the caller's transaction: what is rolled back leaves no gap. A number that
    /// somebody has entered by hand is passed over.
    /// </summary>
    public static async Task<string> Issue(Session session, string office, int year)
    {
        while (true)
        {
            var serial = await NextSerial(session, office, year);
            var number = string.Create(CultureInfo.InvariantCulture, $"{year:0000}{office}{serial:000000}");
            if (await ContractSql.ByNumber(session, number) is null)
            {
                return number;
            }
        }
    }

    static async Task<int> NextSerial(Session session, string office, int year)
    {
        var of = new { office, year };
        // The year's first number inserts the counter; a concurrent loser increments it.
        while (await session.Execute(
            "UPDATE registration_counters SET last_serial = last_serial + 1 WHERE office = @office AND number_year = @year", of) == 0)
        {
            await session.TryInsert("INSERT INTO registration_counters (office, number_year, last_serial) VALUES (@office, @year, 0)", of);
        }

        return await session.Single<int>("SELECT last_serial FROM registration_counters WHERE office = @office AND number_year = @year", of);
    }

    static bool Fits(string number, NumberFormat format, int year)
    {
        var full = year.ToString("0000", CultureInfo.InvariantCulture);
        return !number.AsSpan().ContainsAnyExceptInRange('0', '9') && format switch
        {
            NumberFormat.Digits14 => number.Length == 14 && number.StartsWith(full[2..], StringComparison.Ordinal) && Region.IsWellFormed(number[2..6] + "00"),
            NumberFormat.Digits16 => number.Length == 16 && number.StartsWith(full, StringComparison.Ordinal) && Region.IsWellFormed(number[4..10]),
            _ => false,
        };
    }
}
