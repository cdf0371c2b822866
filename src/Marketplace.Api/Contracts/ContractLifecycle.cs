using Marketplace.Api.Http;

namespace Marketplace.Api.Contracts;

/// <summary>
/// A contract lives and is recognised on two axes, so that neither waits for the other: what is performed can still be registered, what is
/// registered can be performed, amended or ended. <see cref="Machine"/> is both as the one <c>state</c>. An amendment is a proposal beside
/// the terms in force: while it is open neither axis moves, and the last signature on it puts it in force.
/// </summary>
static class ContractLifecycle
{
    public const string Draft = "draft";
    public const string Signing = "signing";
    public const string Signed = "signed";
    public const string Performed = "performed";
    public const string Terminated = "terminated";

    /// <summary>Given up before both had signed.</summary>
    public const string Abandoned = "abandoned";

    public const string None = "none";
    public const string Submitted = "submitted";
    public const string Supplement = "supplement";
    public const string Recognised = "recognised";
    public const string Refused = "refused";

    /// <summary>Refused, and now under review by another registrar (复核).</summary>
    public const string Appealed = "appealed";

    /// <summary>Refused again in the review, which is final.</summary>
    public const string Reviewed = "reviewed";

    /// <summary>Recognised once; an amendment has replaced the terms that were.</summary>
    public const string Lapsed = "lapsed";

    public const string Deregistered = "deregistered";

    /// <summary>The state of a performed contract for readers.</summary>
    public const string Completed = "completed";

    /// <summary>Only in old events and steps: before amendments lay beside the terms in force, this was the state until both had signed again.</summary>
    public const string Amending = "amending";

    /// <summary>Buyer or seller.</summary>
    public const string Side = "side";

    /// <summary>A side of a signed contract while no amendment is open.</summary>
    public const string Amender = "sideWithoutAmendment";

    /// <summary>The broker who drafted a contract that no side has written or signed.</summary>
    public const string Drafter = "drafter";

    /// <summary>The side that opened the amendment.</summary>
    public const string Proposer = "proposer";

    /// <summary>The side that did not open the amendment.</summary>
    public const string OtherSide = "otherSide";

    /// <summary>A side whose signature is not on the terms to sign, while the other's is missing too.</summary>
    public const string FirstSigner = "unsignedSide";

    /// <summary>The side whose signature is the only one missing.</summary>
    public const string LastSigner = "lastUnsignedSide";

    /// <summary>Who registers: the seller, or the buyer where the seller is abroad (技术进口).</summary>
    public const string Registrant = "registrant";

    /// <summary>A registrar, of a contract that has no project and is not separated yet.</summary>
    public const string RegistrarOfUnnamed = "registrarOfUnnamedContract";

    static readonly string[] InForce = [Signed, Performed];
    static readonly string[] NotStruckOff = [None, Submitted, Supplement, Recognised, Refused, Appealed, Reviewed, Lapsed];
    static readonly string[] NeverSigned = [Draft, Signing, Abandoned];

    public static readonly Lifecycle Life = new("contractLife", Draft,
    [
        new("sign", [Draft, Signing], Signing, FirstSigner),
        new("sign", [Signing], Signed, LastSigner),
        .. Lifecycle.Staying(InForce, Amender, "amend"),
        .. Lifecycle.Staying(InForce, FirstSigner, "sign"),
        // What is performed under other terms is still to be performed.
        new("sign", InForce, Signed, LastSigner),
        .. Lifecycle.Staying(InForce, Proposer, "cancel-amendment"),
        .. Lifecycle.Staying(InForce, OtherSide, "refuse-amendment"),
        new("complete", [Signed], Performed, Side),
        new("terminate", [Draft, Signing], Abandoned, Side),
        new("terminate", [Draft], Abandoned, Drafter),
        new("terminate", [Signed], Terminated, Side),
        .. Lifecycle.Staying(InForce, Registrant, "submit", "appeal"),
        .. Lifecycle.Staying(InForce, Roles.Registrar, "recognise", "refuse", "request-supplement", "dispute", "record-opinion", "record-recognition"),
        .. Lifecycle.Staying(InForce, RegistrarOfUnnamed, "separate"),
        .. Lifecycle.Staying([Signed, Performed, Terminated], Roles.Registrar, "deregister"),
    ]);

    public static readonly Lifecycle Recognition = new("contractRecognition", None,
    [
        new("submit", [None, Lapsed, Supplement], Submitted, Registrant),
        // Where two registrars are needed, the first one's leaves the state as it is.
        new("recognise", [Submitted, Appealed], Recognised, Roles.Registrar),
        new("refuse", [Submitted], Refused, Roles.Registrar),
        new("refuse", [Appealed], Reviewed, Roles.Registrar),
        new("request-supplement", [Submitted], Supplement, Roles.Registrar),
        new("dispute", [Submitted], Submitted, Roles.Registrar),
        .. Lifecycle.Staying([Submitted, Appealed], Roles.Registrar, "record-opinion"),
        new("record-recognition", [None, Lapsed, Submitted, Supplement], Recognised, Roles.Registrar),
        new("appeal", [Refused], Appealed, Registrant),
        new("deregister", [Recognised, Lapsed], Deregistered, Roles.Registrar),
        .. Lifecycle.Staying(NotStruckOff, RegistrarOfUnnamed, "separate"),
        .. Lifecycle.Staying(NotStruckOff, Amender, "amend"),
        .. Lifecycle.Staying(NotStruckOff, FirstSigner, "sign"),
        // Other terms are recognised anew, and so is what the office had not decided yet.
        new("sign", [None, Submitted, Supplement, Refused, Appealed, Reviewed], None, LastSigner),
        new("sign", [Recognised, Lapsed], Lapsed, LastSigner),
        // An application ends with the contract; what was decided stays.
        new("terminate", [None, Submitted, Supplement, Appealed], None, Side),
        new("terminate", [None], None, Drafter),
        .. Lifecycle.Staying([Recognised, Refused, Reviewed, Lapsed, Deregistered], Side, "terminate"),
    ]);

    public static readonly TwoAxes Axes = new("contract", Life, Recognition, StateOf);

    public static readonly Lifecycle Machine = Axes.Seen;

    /// <summary>The one state of both axes: struck off, else how the contract stands, and while it is simply in force how its recognition does.</summary>
    public static string StateOf(string life, string recognition) => (life, recognition) switch
    {
        (_, Deregistered) => Deregistered,
        (Draft or Signing, _) => Draft,
        (Performed, _) => Completed,
        (Terminated or Abandoned, _) => Terminated,
        (Signed, Reviewed) => Refused,
        (Signed, not (None or Lapsed)) => recognition,
        _ => life,
    };

    /// <summary>The terms themselves may be written; those of a signed contract are changed by an amendment.</summary>
    public static bool IsDraft(string life) => life is Draft or Signing;

    /// <summary>Both sides have signed terms of the contract.</summary>
    public static bool WasSigned(string life) => !NeverSigned.Contains(life);

    /// <summary>Whether an action is the registration office's and no party's.</summary>
    public static bool IsOfficial(string action) => Life.Transitions.Concat(Recognition.Transitions).Where(transition => transition.Action == action)
        .All(transition => transition.Who.All(who => who is Roles.Registrar or RegistrarOfUnnamed));

    /// <summary>Whether the registration office has to decide.</summary>
    public static bool IsPending(string recognition) => recognition is Submitted or Appealed;
}
