using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Api.Http;

/// <summary>Short stand-ins for contents, by which a later change is noticed.</summary>
static class Fingerprint
{
    /// <summary>SHA-256 of a text in UTF-8, in lower-case hexadecimal.</summary>
    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static string Of(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
