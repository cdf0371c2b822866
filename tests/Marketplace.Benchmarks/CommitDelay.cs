using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Marketplace.Benchmarks;

#pragma warning disable CA1050 // The runtime looks for this name in no namespace.
/// <summary>What the runtime calls in a server before its own code, where <see cref="Server"/> names this assembly as a startup hook.</summary>
static class StartupHook
{
    public static void Initialize() => CommitDelay.InEachConnection();
}
#pragma warning restore CA1050

namespace Marketplace.Benchmarks
{
    /// <summary>
    /// Makes each commit of SQLite take longer, in a server that knows nothing of it: SQLite calls an extension for each connection that is opened, which
    /// asks to be called before each commit.
    /// </summary>
    static unsafe partial class CommitDelay
    {
        /// <summary>What a sync to a good disk takes.</summary>
        public const uint Microseconds = 400;

        public static void InEachConnection() => _ = AutoExtension(&Opened);

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        static int Opened(nint connection, nint error, nint routines)
        {
            _ = CommitHook(connection, &Committing, 0);
            return 0;
        }

        /// <returns>0: the commit goes on.</returns>
        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        static int Committing(nint argument)
        {
            _ = Sleep(Microseconds);
            return 0;
        }

        [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_auto_extension")]
        private static partial int AutoExtension(delegate* unmanaged[Cdecl]<nint, nint, nint, int> opened);

        [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_commit_hook")]
        private static partial nint CommitHook(nint connection, delegate* unmanaged[Cdecl]<nint, int> committing, nint argument);

        /// <summary>Of the C library: a thread of .NET sleeps for whole milliseconds.</summary>
        [LibraryImport("libc", EntryPoint = "usleep")]
        private static partial int Sleep(uint microseconds);
    }
}
