namespace Marketplace.Benchmarks;

/// <summary>A folder on the disk of the repository, not in a temporary file system that may have no disk below it; deleted when disposed of.</summary>
sealed class Folder : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateDirectory(Path.Combine(Server.Repository, "artifacts", Path.GetRandomFileName()));

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
