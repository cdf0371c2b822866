using System.Globalization;

namespace Marketplace.Api.Imports;

/// <summary>How far a file's import is: a bar on a terminal, a plain line now and then elsewhere.</summary>
sealed class ImportProgress(Stream file, TextWriter writer, bool onTerminal, TimeProvider time)
{
    const int Width = 30;

    readonly TimeSpan _every = onTerminal ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(5);
    readonly long _started = time.GetTimestamp();
    long _shown = time.GetTimestamp();

    public void Show(ImportSummary summary)
    {
        if (time.GetElapsedTime(_shown) < _every)
        {
            return;
        }

        _shown = time.GetTimestamp();
        var share = file.Length == 0 ? 1 : (double)file.Position / file.Length;
        var done = (int)(share * Width);
        var line = string.Create(CultureInfo.InvariantCulture, $"{share,4:P0} {Text(summary)}");
        if (onTerminal)
        {
            writer.Write($"\r[{new string('#', done)}{new string('.', Width - done)}] {line}\e[K");
        }
        else
        {
            writer.WriteLine(line);
        }
    }

    public void End(ImportSummary summary) =>
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(onTerminal ? "\r\e[K" : "")}{summary.Lines} lines in {time.GetElapsedTime(_started).TotalSeconds:F1} s: {Text(summary)}"));

    string Text(ImportSummary summary)
    {
        var rate = summary.Lines / Math.Max(time.GetElapsedTime(_started).TotalSeconds, 0.001);
        var published = summary.Published is { } count ? string.Create(CultureInfo.InvariantCulture, $", {count} published") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{rate:F0} lines/s, {summary.Created} created, {summary.Updated} updated, {summary.Unchanged} unchanged, {summary.Rejected} rejected{published}");
    }
}
