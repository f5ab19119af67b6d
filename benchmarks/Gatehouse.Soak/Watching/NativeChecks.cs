namespace Gatehouse.Soak.Watching;

/// <summary>
/// The C library's own heap checks for the server: freed memory is overwritten and the heap's book-keeping verified at each call, so that
/// a use after free or a double free of something of libssl's ends the process at once instead of some day.
/// </summary>
internal static class NativeChecks
{
    private static readonly string[] s_places =
        ["/lib/x86_64-linux-gnu/libc_malloc_debug.so.0", "/lib/aarch64-linux-gnu/libc_malloc_debug.so.0", "/lib64/libc_malloc_debug.so.0"];

    /// <summary>Environment of the server process.</summary>
    public static Dictionary<string, string> Environment()
    {
        var library = s_places.FirstOrDefault(File.Exists)
            ?? throw new SoakFailedException("libc_malloc_debug.so.0 is not here (glibc 2.34 or later has it); run without --check-native.");
        return new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = library,
            // 3: print and abort. 165: new memory is filled with 0x5A, freed memory with 0xA5.
            ["MALLOC_CHECK_"] = "3",
            ["MALLOC_PERTURB_"] = "165",
        };
    }

    /// <summary>Makes sure that the checks are really in the process.</summary>
    public static void InsistOn(int processId)
    {
        if (!File.ReadAllText($"/proc/{processId}/maps").Contains("libc_malloc_debug", StringComparison.Ordinal))
            throw new SoakFailedException("The server runs without libc_malloc_debug: nothing would be checked.");
    }
}
