using System.Globalization;
using Marketplace.Api.Codes;
using Marketplace.Matching;

namespace Marketplace.Api.Matches;

/// <summary>
/// The matching index in a file beside the database, so that a start need not read the whole market. It is no more than a copy: where it is
/// missing or cannot be used, the index is made anew from the database.
/// </summary>
sealed class StoredIndex(string path, ILogger log)
{
    /// <returns>The index, and the number and hash of the last event that is in it; null when there is none that can be used.</returns>
    public (MarketIndex Index, long Sequence, string Hash)? Read()
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16);
            var (index, mark) = MarketIndex.Load(file, CodeEndpoints.Label);
            return mark.Split(' ') is [var sequence, var hash] && long.TryParse(sequence, CultureInfo.InvariantCulture, out var number)
                ? (index, number, hash)
                : throw new SnapshotException("The stored matching index does not say up to which event it goes.");
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception fault) when (fault is SnapshotException or IOException or UnauthorizedAccessException)
        {
            log.LogWarning(fault, "The matching index is made anew: {Path} cannot be used", path);
            return null;
        }
    }

    /// <summary>Writes another file and puts it in the place of this one, so that there is always a whole one.</summary>
    public void Write(MarketIndex index, long sequence, string hash)
    {
        var fresh = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            using (var file = new FileStream(fresh, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                index.Save(file, string.Create(CultureInfo.InvariantCulture, $"{sequence} {hash}"));
                file.Flush(flushToDisk: true);
            }

            File.Move(fresh, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            log.LogWarning(fault, "The matching index could not be stored in {Path}; the next start takes longer", path);
            TryDelete(fresh);
        }
    }

    static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It is in nobody's way.
        }
    }
}
