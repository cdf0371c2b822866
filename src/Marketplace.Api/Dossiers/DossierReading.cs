using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Marketplace.Rules;

namespace Marketplace.Api.Dossiers;

/// <summary>Something that is wrong with a dossier.</summary>
/// <param name="Link">Which link, from 0; null where it is the file itself.</param>
/// <param name="Member">A pointer into the link's content, or into the file.</param>
sealed record DossierFault(int? Link, string Member, Wording Message);

/// <summary>Makes a dossier of a file's bytes, or says where in the file, and in which link, it is none.</summary>
static class DossierReading
{
    public static Dossier? Read(byte[] file, out DossierFault? fault)
    {
        var scan = new Scan(file);
        var unread = InvalidUtf8(file);
        if (scan.IsBroken || unread is not null)
        {
            var at = Math.Min(unread ?? int.MaxValue, scan.IsBroken ? scan.End : int.MaxValue);
            var place = string.Create(CultureInfo.InvariantCulture, $"#byte={at}");
            fault = new(scan.LinkAt(at), place, at == file.Length
                ? new($"文件在第 {at} 字节处中断，内容不完整。", $"The file ends at byte {at}, in the middle of what it holds.")
                : at == unread ? new($"第 {at} 字节不是 UTF-8 文字。", $"Byte {at} is not UTF-8 text.")
                : new($"第 {at} 字节处不是 JSON。", $"It is not JSON from byte {at} on."));
            return null;
        }

        fault = FormatFault(file);
        if (fault is not null)
        {
            return null;
        }

        try
        {
            var dossier = JsonSerializer.Deserialize<Dossier>(file, Dossier.Strict)!;
            var missing = dossier.Links.ToList().IndexOf(null!);
            fault = missing < 0 ? null : new(missing, "", LayoutWrong);
            return missing < 0 ? dossier : null;
        }
        catch (JsonException error)
        {
            fault = new(scan.LinkAt(error.BytePositionInLine ?? 0), Pointer(error), LayoutWrong);
            return null;
        }
    }

    public static readonly Wording LayoutWrong = new("与档案的格式不符。", "It is not in the layout of a dossier.");

    /// <summary>Where the serializer was when it met what it could not read, as a pointer.</summary>
    public static string Pointer(JsonException error) =>
        "/" + (error.Path ?? "").TrimStart('$').Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Trim('.').Replace('.', '/');

    /// <summary>Where the file ends or stops being JSON, and between which of its links that is.</summary>
    sealed class Scan
    {
        readonly List<long> _starts = [], _ends = [];
        readonly bool _endsInLinks, _lastIsWhole;

        public Scan(ReadOnlySpan<byte> file)
        {
            var json = new Utf8JsonReader(file, isFinalBlock: false, new(new JsonReaderOptions { MaxDepth = 64 }));
            try
            {
                while (json.Read())
                {
                    switch (json)
                    {
                        case { TokenType: JsonTokenType.StartArray or JsonTokenType.EndArray, CurrentDepth: 1 }:
                            _endsInLinks = json.TokenType == JsonTokenType.StartArray;
                            break;
                        case { TokenType: JsonTokenType.StartObject, CurrentDepth: 2 }:
                            _starts.Add(json.TokenStartIndex);
                            break;
                        case { TokenType: JsonTokenType.PropertyName, CurrentDepth: 3 }:
                            _lastIsWhole = json.ValueTextEquals("digest");
                            break;
                        case { TokenType: JsonTokenType.EndObject, CurrentDepth: 2 }:
                            _ends.Add(json.TokenStartIndex);
                            break;
                    }
                }

                End = file.Length;
                IsBroken = json is { CurrentDepth: > 0 } or { TokenType: JsonTokenType.None or JsonTokenType.StartObject or JsonTokenType.StartArray };
            }
            catch (JsonException)
            {
                (End, IsBroken) = (json.BytesConsumed, true);
            }
        }

        public long End { get; }

        public bool IsBroken { get; }

        /// <summary>What stands behind the end of one link and its comma is the next, unless the link was over before it was whole.</summary>
        public int? LinkAt(long position)
        {
            var link = _ends.Count(end => end + 1 < position);
            link -= link == _starts.Count && !_lastIsWhole ? 1 : 0;
            return link < 0 ? null : link < _starts.Count ? position < _starts[0] ? null : link : _endsInLinks ? link : null;
        }
    }

    static int? InvalidUtf8(ReadOnlySpan<byte> file)
    {
        if (Utf8.IsValid(file))
        {
            return null;
        }

        var at = 0;
        while (Rune.DecodeFromUtf8(file[at..], out _, out var length) == OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    static DossierFault? FormatFault(byte[] file)
    {
        using var document = JsonDocument.Parse(file);
        var format = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("format", out var member)
            && member.ValueKind == JsonValueKind.String ? member.GetString()! : "";
        var layout = Dossier.CurrentFormat.Split('/')[0] + "/";
        return format == Dossier.CurrentFormat ? null : new(null, "/format", format.StartsWith(layout, StringComparison.Ordinal)
            ? new($"档案版本为 {format}，本程序只认 {Dossier.CurrentFormat}。", $"The dossier is a {format}; this program reads {Dossier.CurrentFormat}.")
            : new($"文件不是合同档案：format 应为 {Dossier.CurrentFormat}。", $"The file is no dossier: its format is not {Dossier.CurrentFormat}."));
    }
}
