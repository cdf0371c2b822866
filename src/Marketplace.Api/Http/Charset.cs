using System.Buffers;
using System.Text;

namespace Marketplace.Api.Http;

/// <summary>
/// What a file's text is written in: UTF-8, or GB18030 with its subsets GBK and GB2312, in which Chinese office software still writes
/// CSV. What the sender states wins, then a byte order mark; else the first text beyond ASCII decides, for up to there both are the same.
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
        _ => null,
    };

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
    /// not read as other characters. Chinese in GB18030 hardly ever looks like a character of three bytes.
    /// </summary>
    public void Choose(ReadOnlySequence<byte> sample)
    {
        var text = sample.IsSingleSegment ? sample.FirstSpan : sample.ToArray();
        int whole = 0, broken = 0;
        while (!text.IsEmpty)
        {
            switch (Rune.DecodeFromUtf8(text, out _, out var length))
            {
                case OperationStatus.Done:
                    whole += length >= 3 ? 1 : 0;
                    break;
                // The sample may end inside a character.
                case OperationStatus.InvalidData:
                    broken++;
                    break;
            }

            text = text[length..];
        }

        _encoding = broken == 0 || whole > broken ? StrictUtf8 : Gb18030;
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
