using Microsoft.Win32.SafeHandles;

namespace Gatehouse.Sockets;

/// <summary>An accepted socket. As a safe handle it cannot be closed, and its number given to somebody else, while a call uses it.</summary>
internal sealed class SocketDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <param name="descriptor">Owned from here on.</param>
    public SocketDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}
