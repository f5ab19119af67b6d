using System.Diagnostics;

namespace Gatehouse.Fuzz.Engine;

/// <summary>An input that shows a fault.</summary>
internal sealed record Finding(byte[] Input, Exception Fault)
{
    /// <summary>Findings of one kind and place are one finding.</summary>
    public string Key => $"{Fault.GetType().Name} {(Fault is FuzzFindingException ? Fault.Message.Split(':')[0] : new StackTrace(Fault).GetFrame(0)?.GetMethod()?.Name)}";

    public override string ToString() => $"{Fault.GetType().Name}: {Fault.Message}\n  input: {(Input.Length == 0 ? "-" : Convert.ToBase64String(Input))}\n{Fault.StackTrace}";
}
