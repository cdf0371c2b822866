namespace Marketplace.Rules;

/// <summary>The same thing said in Chinese and in English.</summary>
/// <param name="Zh">Chinese.</param>
/// <param name="En">English.</param>
public readonly record struct Wording(string Zh, string En);
