using Marketplace.Api.Http;

namespace Marketplace.Api.Contracts;

static class ContractLifecycle
{
    public const string Draft = "draft";
    public const string Signed = "signed";
    public const string Submitted = "submitted";
    public const string Supplement = "supplement";
    public const string Recognised = "recognised";
    public const string Refused = "refused";
    public const string Amending = "amending";
    public const string Completed = "completed";
    public const string Terminated = "terminated";
    public const string Deregistered = "deregistered";

    /// <summary>Buyer or seller.</summary>
    public const string Side = "side";

    /// <summary>A side whose signature is not on the present terms, while the other's is missing too.</summary>
    public const string FirstSigner = "unsignedSide";

    /// <summary>The side whose signature is the only one missing.</summary>
    public const string LastSigner = "lastUnsignedSide";

    /// <summary>Who registers: the seller, or the buyer where the seller is abroad (技术进口).</summary>
    public const string Registrant = "registrant";

    public static readonly Lifecycle Machine = new("contract", Draft,
        new("sign", [Draft], Draft, FirstSigner),
        new("sign", [Draft, Amending], Signed, LastSigner),
        new("sign", [Amending], Amending, FirstSigner),
        new("submit", [Signed, Supplement], Submitted, Registrant),
        new("recognise", [Submitted], Recognised, Roles.Registrar),
        new("refuse", [Submitted], Refused, Roles.Registrar),
        new("request-supplement", [Submitted], Supplement, Roles.Registrar),
        new("record-recognition", [Signed, Submitted, Supplement], Recognised, Roles.Registrar),
        new("amend", [Signed, Refused, Recognised], Amending, Side),
        new("complete", [Signed, Refused, Recognised], Completed, Side),
        new("terminate", [Draft, Signed, Submitted, Supplement, Refused, Recognised, Amending], Terminated, Side),
        new("deregister", [Recognised, Completed, Amending], Deregistered, Roles.Registrar));

    /// <summary>The states in which the terms may be written.</summary>
    public static bool IsOpen(string state) => state is Draft or Amending;
}
