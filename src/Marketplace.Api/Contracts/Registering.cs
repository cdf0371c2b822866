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
    /// An approval, or where two registrars are needed the first one's proposal. The registrar who refused does not decide on the appeal, and a second registrar
    /// makes the first one's proposal valid or leaves it.
    /// </summary>
    public static async Task<ContractRow> Recognised(
        Session session, ContractRow row, RecogniseRequest request, Caller caller, RegistrationOffice office)
    {
        caller.RequireOther(row.RefusedBy);
        var registered = await SimilarContracts.Registered(session, row, request.Reason);
        if (office.NeedsTwo(row))
        {
            if (!await StepSql.Any(session, row.Id, "record-opinion", row.TermsVersion))
            {
                throw Problems.RuleViolated("", "opinion-required", new(
                    "重大或有争议的合同须先记录专家意见（record-opinion）。", "A large or disputed contract needs an expert opinion first (record-opinion)."));
            }

            if (row.Proposal is null || caller.IsSamePerson(row.ProposedBy))
            {
                Check(row, request, office);
                return row with
                {
                    Recognition = row.RefusedBy is null ? ContractLifecycle.Submitted : ContractLifecycle.Appealed,
                    ProposedBy = caller.Person, Proposal = Json.Write(request),
                };
            }

            if (Json.Read<RecogniseRequest>(row.Proposal) != request)
            {
                throw Problems.RuleViolated("", "proposal-differs", new(
                    $"与 {row.ProposedBy} 提出的认定内容不一致；第二名登记员须提交相同内容。", $"It differs from what {row.ProposedBy} proposed; the second registrar sends the same."));
            }
        }

        Check(row, request, office);
        return Registered(registered, request, office, request.Number ?? await RegistrationNumber.Issue(session, office.Settings.Area, request.RecognisedOn.Year)) with
        {
            RecognisedBy = caller.Person, ProposedBy = office.NeedsTwo(row) ? row.ProposedBy : null,
        };
    }

    public static async Task<ContractRow> Recorded(
        Session session, ContractRow row, RecordRecognitionRequest request, Caller caller, RegistrationOffice office)
    {
        row = await SimilarContracts.Registered(session, row, request.Reason);
        var approval = new RecogniseRequest
        {
            Number = request.Number, RecognisedOn = request.RecognisedOn, TechnologyAmount = request.TechnologyAmount, Kind = request.Kind,
        };
        Check(row, approval, office);
        return Registered(row, approval, office, request.Number) with
        {
            Office = request.Office, RecognisedBy = caller.Person, RefusedBy = null, ProposedBy = null,
        };
    }

    public static ContractRow Refused(ContractRow row, string reason, Caller caller)
    {
        caller.RequireOther(row.RefusedBy);
        return row with { Reason = reason, RefusedBy = row.RefusedBy ?? caller.Person };
    }

    static ContractRow Registered(ContractRow row, RecogniseRequest approval, RegistrationOffice office, string number)
    {
        var technology = Technology(row, approval);
        // Submitted on the day on which the period that runs began; what no application waits for, today.
        var submittedOn = row.DueOn is null ? office.Clock.Today() : row.SubmittedOn!.Value;
        return row with
        {
            Number = number, NumberFormat = RegistrationNumber.FormatOf(number, approval.RecognisedOn).Code(), RecognisedOn = approval.RecognisedOn,
            Office = null, RecognisedKind = approval.Kind is { } kind ? kind.Wire() : row.Kind, RecognisedFen = technology.Value,
            RecognisedTerms = row.TermsVersion, TechnologyFen = technology.Value,
            Backdated = approval.RecognisedOn < submittedOn ? 1 : 0,
        };
    }

    static Fen Technology(ContractRow row, RecogniseRequest approval) =>
        approval.TechnologyAmount ?? row.Terms.TechnologyAmount ?? row.Terms.Amount;

    /// <summary>What the office approves must agree with the terms that it approves, with what is paid, and with the calendar.</summary>
    static void Check(ContractRow row, RecogniseRequest approval, RegistrationOffice office)
    {
        var (terms, recognisedOn, today) = (row.Terms, approval.RecognisedOn, office.Clock.Today());
        var faults = new List<Fault>();
        var technology = Technology(row, approval);
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
            faults.Add(ContractFaults.RecognisedBeforeSigned(recognisedOn, signedOn));
        }

        if (office.Settings.StrictNumbers && approval.Number is { } number && RegistrationNumber.FormatOf(number, recognisedOn) == NumberFormat.Other)
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
