using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gatehouse.Testing;

/// <summary>
/// Ports for servers that cannot take port 0, that come back on the port they had, or that are not to be there at all. Each is given once on this machine
/// while the test program runs: a file of its name is kept locked.
/// </summary>
public static class FreePorts
{
    private static readonly string s_folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "gatehouse-test-ports-" + Environment.UserName)).FullName;
    private static readonly List<FileStream> s_taken = [];

    /// <summary>
    /// A port on loopback that nobody uses, below those that the system gives to whoever asks for any (32768 and up by default): or another test's listener
    /// or outgoing connection would have it a moment later.
    /// </summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(12_000, 32_000);
            if (Take(port) is not { } file)
                continue;
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                lock (s_taken)
                    s_taken.Add(file);
                return port;
            }
            catch (SocketException)
            {
                // Another program's: the next one.
                file.Dispose();
            }
        }
    }

    /// <summary>The port's file, locked; null when another test has it.</summary>
    private static FileStream? Take(int port)
    {
        try
        {
            return new FileStream(Path.Combine(s_folder, port.ToString(CultureInfo.InvariantCulture)), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
