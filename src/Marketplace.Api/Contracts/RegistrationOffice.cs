using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

/// <summary>The configuration section <c>Marketplace:Recognition</c>.</summary>
public sealed record RecognitionSettings
{
    /// <summary>Where the market's own registration office is (GB/T 2260): part of the numbers that it issues.</summary>
    public string Area { get; init; } = "630100";

    /// <summary>In which a recognition is decided.</summary>
    public int WorkingDays { get; init; } = 15;

    /// <summary>The same for large and disputed contracts, and in a review.</summary>
    public int LongWorkingDays { get; init; } = 30;

    /// <summary>The technology amount from which a contract is large.</summary>
    public Fen LargeFrom { get; init; } = Fen.FromYuan(5_000_000);

    /// <summary>Whether large and disputed contracts need an expert opinion and a second registrar.</summary>
    public bool TwoRegistrars { get; init; }

    /// <summary>Whether a number in none of the forms in force is refused.</summary>
    public bool StrictNumbers { get; init; }
}

/// <summary>What the registration office goes by: its periods, when it needs two registrars, and the clock. Days are those of Beijing.</summary>
public sealed class RegistrationOffice(RecognitionSettings settings, TimeProvider clock)
{
    static readonly Wording Consequence = new(
        "逾期未决定的，合同列入逾期清单，并通知登记员和合同各方；不因逾期视为已认定。",
        "If the day passes undecided, the contract is listed as overdue and the registrars and its parties are told; it is never recognised by lapse of time.");

    public RecognitionSettings Settings => settings;

    public TimeProvider Clock => clock;

    /// <summary>Whether an approval needs an expert opinion and a second registrar.</summary>
    public bool NeedsTwo(ContractRow row) => settings.TwoRegistrars && IsLargeOrDisputed(row);

    /// <summary>The application begins its period today, or begins it anew.</summary>
    public ContractRow Begin(ContractRow row) => WithPeriod(row with { SubmittedOn = clock.Today() });

    /// <summary>The period, counted from the same day, for what is now known of the contract.</summary>
    public ContractRow WithPeriod(ContractRow row)
    {
        var days = row.Recognition == ContractLifecycle.Appealed || IsLargeOrDisputed(row) ? settings.LongWorkingDays : settings.WorkingDays;
        // What was submitted before periods were counted begins its own now.
        var from = row.SubmittedOn ?? clock.Today();
        return row with { SubmittedOn = from, DueDays = days, DueOn = WorkingCalendar.China.After(from, days) };
    }

    /// <summary>The period that runs; null where nothing waits for the office.</summary>
    public Due? Due(ContractRow row) => row.DueOn is not { } last ? null : new(
        row.SubmittedOn!.Value, row.DueDays!.Value, !WorkingCalendar.China.Knows(row.SubmittedOn.Value, last), clock.Today() > last, Consequence);

    bool IsLargeOrDisputed(ContractRow row) => row.DisputedBy is not null || row.TechnologyFen >= settings.LargeFrom.Value;
}
