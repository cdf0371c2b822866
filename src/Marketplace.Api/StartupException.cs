namespace Marketplace.Api;

/// <summary>The start cannot go on; the message is the one line that the operator reads.</summary>
public sealed class StartupException(string message) : Exception(message);
