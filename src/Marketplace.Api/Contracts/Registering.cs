using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

/// <summary>What the steps of recognition write beside the states. 认定登记</summary>
static class Registering
{
    public static ContractRow Submitted(ContractRow row, RegistrationOffice office) =>
        office.Begin(row with { RefusedBy = null, ProposedBy = null, RecognisedBy = null, Proposal = null });

    /// <summary>
    /// An approval, or where two registrars are needed the first one's proposal. Whoever refused does not decide on the appeal, and a second registrar
    /// makes the first one's proposal valid or leaves it.
    /// </summary>
    public static async Task<ContractRow> Recognised(
        Session session, ContractRow row, RecogniseRequest request, Caller caller, RegistrationOffice office)
    {
        RequireOther(caller, row.RefusedBy);
        if (office.NeedsTwo(row))
        {
            if (!await StepSql.Any(session, row.Id, "record-opinion", row.TermsVersion))
            {
                throw Problems.RuleViolated("", "opinion-required", new(
                    "重大或有争议的合同须先记录专家意见（record-opinion）。", "A large or disputed contract needs an expert opinion first (record-opinion)."));
            }

            if (row.ProposedBy is null || row.ProposedBy == caller.Person)
            {
                Check(row, request.Number, request.RecognisedOn, request.TechnologyAmount, office);
                return row with
                {
                    Recognition = row.RefusedBy is null ? ContractLifecycle.Submitted : ContractLifecycle.Appealed,
                    ProposedBy = caller.Person, Proposal = Json.Write(request),
                };
            }

            if (Json.Read<RecogniseRequest>(row.Proposal!) != request)
            {
                throw Problems.RuleViolated("", "proposal-differs", new(
                    $"与 {row.ProposedBy} 提出的认定内容不一致；第二名登记员须提交相同内容。", $"It differs from what {row.ProposedBy} proposed; the second registrar sends the same."));
            }
        }

        Check(row, request.Number, request.RecognisedOn, request.TechnologyAmount, office);
        var number = request.Number ?? await RegistrationNumber.Issue(session, office.Settings.Area, request.RecognisedOn.Year);
        return Registered(row, number, request.RecognisedOn, request.TechnologyAmount, request.Kind) with
        {
            RecognisedBy = caller.Person, ProposedBy = office.NeedsTwo(row) ? row.ProposedBy : null,
        };
    }

    public static ContractRow Recorded(ContractRow row, RecordRecognitionRequest request, Caller caller, RegistrationOffice office)
    {
        Check(row, request.Number, request.RecognisedOn, request.TechnologyAmount, office);
        return Registered(row, request.Number, request.RecognisedOn, request.TechnologyAmount, request.Kind) with
        {
            Office = request.Office, RecognisedBy = caller.Person, RefusedBy = null, ProposedBy = null,
        };
    }

    public static ContractRow Refused(ContractRow row, string reason, Caller caller)
    {
        RequireOther(caller, row.RefusedBy);
        return row with { Reason = reason, RefusedBy = row.RefusedBy ?? caller.Person };
    }

    static ContractRow Registered(ContractRow row, string number, DateOnly recognisedOn, Fen? technologyAmount, ContractKind? kind)
    {
        var technology = technologyAmount ?? Technology(row.Terms);
        return row with
        {
            Number = number, NumberFormat = RegistrationNumber.FormatOf(number, recognisedOn).Code(), RecognisedOn = recognisedOn, Office = null,
            RecognisedKind = kind is { } approved ? approved.Wire() : row.Kind, RecognisedFen = technology.Value, RecognisedTerms = row.TermsVersion,
            TechnologyFen = technology.Value, Reason = null,
        };
    }

    static Fen Technology(ContractContent terms) => terms.TechnologyAmount ?? terms.Amount;

    static void RequireOther(Caller caller, string? refusedBy)
    {
        if (refusedBy == caller.Person)
        {
            throw Problems.SeparationOfDuty(caller.Person);
        }
    }

    /// <summary>What the office approves must agree with the terms that it approves, with what is paid, and with the calendar.</summary>
    static void Check(ContractRow row, string? number, DateOnly recognisedOn, Fen? technologyAmount, RegistrationOffice office)
    {
        var (terms, today) = (row.Terms, office.Clock.Today());
        var faults = new List<Fault>();
        var technology = technologyAmount ?? Technology(terms);
        if (technology > terms.Amount)
        {
            faults.Add(ContractFaults.TechnologyAmount(technology, terms.Amount));
        }

        if (technology.Value < row.ReceivedFen)
        {
            faults.Add(ContractFaults.BelowReceived(technology, new(row.ReceivedFen)));
        }

        if (recognisedOn > today)
        {
            faults.Add(new("/recognisedOn", "date-in-future",
                new($"认定日期 {recognisedOn:yyyy-MM-dd} 晚于今天 {today:yyyy-MM-dd}。", $"The day of recognition, {recognisedOn:yyyy-MM-dd}, is after today, {today:yyyy-MM-dd}.")));
        }

        if (terms.SignedOn is { } signedOn && recognisedOn < signedOn)
        {
            faults.Add(new("/recognisedOn", "dates-order",
                new($"认定日期 {recognisedOn:yyyy-MM-dd} 早于签订日期 {signedOn:yyyy-MM-dd}。", $"The day of recognition, {recognisedOn:yyyy-MM-dd}, is before the day of signing, {signedOn:yyyy-MM-dd}.")));
        }

        if (office.Settings.StrictNumbers && number is not null && RegistrationNumber.FormatOf(number, recognisedOn) == NumberFormat.Other)
        {
            faults.Add(new("/number", "number-form",
                new($"{number} 不是 {recognisedOn:yyyy-MM-dd} 适用的登记编号格式。", $"{number} has none of the forms of registration numbers in force on {recognisedOn:yyyy-MM-dd}.")));
        }

        if (faults.Count > 0)
        {
            throw Problems.RuleViolated(faults);
        }
    }
}
