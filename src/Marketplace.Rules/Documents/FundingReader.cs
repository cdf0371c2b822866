namespace Marketplace.Rules.Documents;

/// <summary>Reads who pays the awards, and out of which fund, under the readings in use.</summary>
/// <param name="clauses">The cited places by their ids.</param>
/// <param name="choice">Which readings are in use.</param>
/// <param name="parameters">Takes the numbers met under the chosen readings.</param>
/// <param name="faults">Of the document.</param>
internal sealed class FundingReader(IReadOnlyDictionary<string, Clause> clauses, ReadingChoice choice, List<Parameter> parameters, Faults faults)
{
    /// <summary>Null where nothing is shared.</summary>
    public Sharing? Sharing(Node? node, string[] awards)
    {
        var value = choice.Resolve(node, out var interpretation);
        if (value is null or ScalarNode { Text: "none" } || faults.Map(value, ["payers", "ratio", "cite"], "of") is not { } map) return null;
        var payers = faults.List(map["payers"]).Select(faults.Id).OfType<string>().ToArray();
        var clause = faults.Cited(map["cite"], clauses);
        var list = choice.Resolve(map["of"], out var byAwards);
        string[]? of = list is null or ScalarNode { Text: "any" } ? null : AwardReader.AwardIds(faults, list, awards);
        interpretation ??= byAwards;
        if (faults.Text(map["ratio"]) is not { } literal || clause is null) return null;
        var ratio = Literals.Narrow(literal);
        var parts = ratio.Split(':').Select(p => p is { Length: > 0 and < 5 } && p.All(char.IsAsciiDigit) ? int.Parse(p, System.Globalization.CultureInfo.InvariantCulture) : 0).ToArray();
        if (parts.Contains(0) || parts.Length != payers.Length || parts.Length < 2)
        {
            faults.Error(map["ratio"]!, "POL302",
                new("比例与出资方不符", "The ratio does not fit the payers."),
                new("每个出资方一个正整数,如 1:1。", "Write one positive number for each payer, like 1:1."));
            return null;
        }

        if (clause.Quote.Length > 0 && !Quotes.HoldRatio(clause.Corrected, ratio))
            faults.Error(map["ratio"]!, "POL403",
                new($"条款“{clause.Id}”的引文中没有 {ratio}", $"{ratio} does not occur in the quote of clause \"{clause.Id}\"."),
                new("核对条款。", "Check the clause."));
        faults.Read(map["ratio"]!, () => Neighbours.OfDigits(literal));
        Note(new Parameter("sharing.ratio", literal, ParameterUnit.Ratio, parts[0], parts.Sum(), clause.Id, interpretation));
        return new Sharing([.. payers.Zip(parts, (payer, part) => new Payer(payer, part))], clause.Id) { Awards = of };
    }

    public IReadOnlyList<Fund> Funds(Node? node, string[] awards)
    {
        var funds = new List<Fund>();
        foreach (var (key, value) in faults.Named(node))
        {
            if (faults.Map(value, ["yearly", "onShortage", "pays", "cite"]) is not { } map) continue;
            var cited = (map["cite"] is ListNode list ? list.Items : map["cite"] is { } one ? [one] : [])
                .Select(cite => faults.Cited(cite, clauses)).OfType<Clause>().ToArray();
            var shortage = faults.Word(map["onShortage"], DocumentReader.Shortages);
            var pays = AwardReader.AwardIds(faults, choice.Resolve(map["pays"], out _), awards);
            if (faults.Money(map["yearly"]) is not { } yearly || shortage is null || cited.Length == 0) continue;
            var literal = ((ScalarNode)map["yearly"]!).Text;
            var founding = Array.Find(cited, c => Quotes.Hold(c.Corrected, yearly));
            if (founding is null && cited.All(c => c.Quote.Length > 0))
                faults.Error(map["yearly"]!, "POL403", new($"所引条款中没有 {literal}", $"{literal} does not occur in the quotes of the clauses cited."),
                    new("引用载有金额的条款。", "Cite a clause that holds the sum."));
            var parameter = new Parameter($"funds.{key.Text}.yearly", literal, ParameterUnit.Fen, yearly.Value, 1, (founding ?? cited[0]).Id, null);
            Note(parameter);
            funds.Add(new(key.Text, parameter, shortage.Value, pays, [.. cited.Select(c => c.Id)]));
        }

        return funds;
    }

    private void Note(Parameter parameter)
    {
        if (choice.Otherwise is null && !parameters.Contains(parameter)) parameters.Add(parameter);
    }
}
