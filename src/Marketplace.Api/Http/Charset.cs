using System.Buffers;
using System.Text;

namespace Marketplace.Api.Http;

/// <summary>
/// What a file's text is written in: UTF-8, or GB18030 with its subsets GBK and GB2312, in which Chinese office software still writes
/// CSV. What the sender states wins, then a byte order mark; else the first text beyond ASCII decides, for up to there both are the same.
/// UTF-16 is known by its mark alone (<see cref="SourceLines"/>).
/// </summary>
sealed class Charset
{
    static readonly Encoding StrictUtf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);

    static readonly Encoding Gb18030 =
        CodePagesEncodingProvider.Instance.GetEncoding("GB18030", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    Encoding? _encoding;

    Charset(Encoding? encoding) => _encoding = encoding;

    public static Charset Unstated() => new(null);

    public static Charset Utf8() => new(StrictUtf8);

    /// <returns>Null where the name is of an encoding that imports do not read.</returns>
    public static Charset? Named(string name) => name.Trim('"').ToLowerInvariant() switch
    {
        "utf-8" or "utf8" or "us-ascii" => new(StrictUtf8),
        "gb18030" or "gbk" or "gb2312" => new(Gb18030),
        "utf-16" => Unstated(),
        _ => null,
    };

    /// <returns>The encoding whose mark the stream begins with; null where that is not UTF-16.</returns>
    public static Encoding? Utf16(ReadOnlySequence<byte> start)
    {
        if (start.Length < 2)
        {
            return null;
        }

        Span<byte> mark = stackalloc byte[2];
        start.Slice(0, mark.Length).CopyTo(mark);
        return mark is [0xFF, 0xFE] or [0xFE, 0xFF] ? new UnicodeEncoding(bigEndian: mark[0] == 0xFE, byteOrderMark: false, throwOnInvalidBytes: true) : null;
    }

    /// <summary>What follows has been made UTF-8.</summary>
    public void IsUtf8() => _encoding = StrictUtf8;

    public bool IsKnown => _encoding is not null;

    /// <summary>Passes over a byte order mark, which settles the encoding.</summary>
    public ReadOnlySequence<byte> SkipMark(ReadOnlySequence<byte> start)
    {
        Span<byte> mark = stackalloc byte[3];
        if (start.Length < mark.Length)
        {
            return start;
        }

        start.Slice(0, mark.Length).CopyTo(mark);
        if (!mark.SequenceEqual("\uFEFF"u8))
        {
            return start;
        }

        _encoding = StrictUtf8;
        return start.Slice(mark.Length);
    }

    /// <summary>
    /// Well-formed UTF-8 is UTF-8. Where some of it is broken, it is still UTF-8 if most of it is not: a damaged line must be refused,
    /// not read as other characters. Chinese in GB18030 hardly ever looks like a character of three bytes, as Chinese in UTF-8 does; but a short text in it
    /// can look like characters of two bytes, which are asked for what they would be.
    /// </summary>
    /// <exception cref="Refusal">It could well be either.</exception>
    public void Choose(ReadOnlySequence<byte> sample)
    {
        var text = sample.IsSingleSegment ? sample.FirstSpan : sample.ToArray();
        int whole = 0, pairs = 0, broken = 0;
        var sent = text;
        while (!text.IsEmpty)
        {
            switch (Rune.DecodeFromUtf8(text, out _, out var length))
            {
                case OperationStatus.Done:
                    whole += length >= 3 ? 1 : 0;
                    pairs += length == 2 ? 1 : 0;
                    break;
                // The sample may end inside a character.
                case OperationStatus.InvalidData:
                    broken++;
                    break;
            }

            text = text[length..];
        }

        _encoding = broken == 0 && whole == 0 && pairs > 0 ? OfPairs(sent) : broken == 0 || whole > broken ? StrictUtf8 : Gb18030;
    }

    /// <summary>
    /// Every character beyond ASCII has two bytes. Words of other alphabets have several letters, and signs stand beside letters or digits (25°C, café);
    /// marks and letters that nobody writes alone are Chinese characters in GB18030. A letter or sign that stands alone can be either.
    /// </summary>
    static Encoding OfPairs(ReadOnlySpan<byte> sent)
    {
        if (sent[^1] >= 0x80)
        {
            // The sample may end inside a character.
            sent = sent[..(sent.LastIndexOfAnyInRange((byte)0, (byte)0x7F) + 1)];
        }

        var text = StrictUtf8.GetString(sent);
        var (isStrange, isAlone) = (false, false);
        for (var i = 0; i < text.Length; i++)
        {
            var start = i;
            while (i < text.Length && !char.IsAscii(text[i]))
            {
                isStrange |= !IsWritten(text[i++]);
            }

            isAlone |= i > start && i - start < 3 && !(start > 0 && char.IsAsciiLetterOrDigit(text[start - 1])) && !(i < text.Length && char.IsAsciiLetterOrDigit(text[i]));
        }

        return !(isStrange || isAlone) || !IsChinese(sent) ? StrictUtf8 : isStrange ? Gb18030 : throw Problems.Invalid([new("", "ambiguous-encoding", new(
            "无法判断文件是 UTF-8 还是 GB18030：请另存为带标记（BOM）的 UTF-8，或在 Content-Type 中用 charset 注明。",
            "The file could be UTF-8 or GB18030: save it as UTF-8 with its mark (BOM), or state charset in Content-Type."))]);
    }

    /// <summary>Letters and signs of Latin, Greek and Cyrillic, without marks that combine and phonetic letters.</summary>
    static bool IsWritten(char c) => c is (>= '\u00A0' and <= '\u024F') or (>= '\u0370' and <= '\u0481') or (>= '\u048A' and <= '\u052F');

    /// <summary>Characters of GB2312, which short texts are made of; the rest of GB18030 has rare ones, and looks like controls and Cyrillic letters.</summary>
    static bool IsChinese(ReadOnlySpan<byte> sent)
    {
        for (var i = 0; i < sent.Length; i++)
        {
            if (sent[i] >= 0x80 && (sent[i] < 0xB0 || ++i == sent.Length || sent[i] < 0xA1))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The record in UTF-8: as it came where it came so; or the fault where its bytes are not of the encoding.</summary>
    public ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> record, out Fault? fault)
    {
        fault = null;
        var encoding = _encoding ?? StrictUtf8;
        if (encoding == StrictUtf8 && System.Text.Unicode.Utf8.IsValid(record.Span))
        {
            return record;
        }

        try
        {
            return StrictUtf8.GetBytes(encoding.GetString(record.Span));
        }
        catch (DecoderFallbackException error)
        {
            var (name, offset) = (encoding == StrictUtf8 ? "UTF-8" : "GB18030", error.Index);
            fault = new("", "invalid-text", new($"本行字节偏移 {offset} 处不是 {name}。", $"Not {name} at byte offset {offset} of the line."));
            return default;
        }
    }
}
