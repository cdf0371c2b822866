using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Marketplace.Rules.Documents;

/// <summary>Turns a file into text, or says in which way it is none: a wrong guess would be read as other characters without a word.</summary>
internal static class Encodings
{
    /// <summary>The text of UTF-8 with or without a byte order mark; null after a fault.</summary>
    public static string? Decode(ReadOnlySpan<byte> content, Faults faults)
    {
        if (content is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            return Refuse(content, 0, new("文件以 UTF-16 保存", "The file is saved as UTF-16."), faults);
        var text = content.StartsWith("\uFEFF"u8) ? content[3..] : content;
        if (Utf8.IsValid(text)) return Encoding.UTF8.GetString(text);
        var good = 0;
        while (Rune.DecodeFromUtf8(text[good..], out _, out var length) == OperationStatus.Done) good += length;
        var isBinary = content.IndexOfAny((byte)0, (byte)1, (byte)2) >= 0;
        return Refuse(text, good, isBinary
            ? new("文件不是文本", "The file is not text.")
            : new($"字节 0x{text[good]:X2} 不是 UTF-8,文件可能以 GBK(GB18030)保存", $"The byte 0x{text[good]:X2} is not UTF-8; the file is probably saved as GBK (GB18030)."), faults);
    }

    private static string? Refuse(ReadOnlySpan<byte> text, int at, Wording message, Faults faults)
    {
        var before = text[..at];
        var line = before[(before.LastIndexOf((byte)'\n') + 1)..];
        faults.Error(before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(line) + 1, "POL114", message,
            new("在编辑器中另存为 UTF-8。", "Save it again as UTF-8."));
        return null;
    }
}
