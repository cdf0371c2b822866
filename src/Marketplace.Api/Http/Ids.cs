using System.Security.Cryptography;

namespace Marketplace.Api.Http;

/// <summary>
/// Identifiers: a prefix that says what it names, then a version-7 UUID as 26 lower-case Crockford base-32 characters. Text order is
/// order of creation (to the millisecond between processes, strictly within one), so lists page by id.
/// </summary>
public static class Ids
{
    const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    static readonly Lock Gate = new();
    static long _lastTick;

    public static string New(string prefix, TimeProvider clock)
    {
        // RFC 9562, method 1: the 12 bits after the millisecond count within it.
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds() << 12;
        long tick;
        lock (Gate)
        {
            tick = _lastTick = Math.Max(now, _lastTick + 1);
        }

        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        var high = ((UInt128)(ulong)(tick >> 12) << 80) | ((UInt128)0x7000 << 64) | ((UInt128)(ulong)(tick & 0xFFF) << 64);
        var low = (BitConverter.ToUInt64(random) & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000;
        var value = high | low;
        return string.Create(prefix.Length + 27, (prefix, value), static (text, of) =>
        {
            of.prefix.CopyTo(text);
            text[of.prefix.Length] = '_';
            var rest = of.value;
            for (var i = text.Length - 1; i > of.prefix.Length; i--)
            {
                text[i] = Alphabet[(int)(rest & 31)];
                rest >>= 5;
            }
        });
    }

    public static bool Is(string prefix, string? id) =>
        id is not null && id.Length == prefix.Length + 27 && id.StartsWith(prefix, StringComparison.Ordinal) && id[prefix.Length] == '_'
        && !id.AsSpan(prefix.Length + 1).ContainsAnyExcept(Alphabet);
}
