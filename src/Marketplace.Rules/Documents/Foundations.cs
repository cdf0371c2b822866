namespace Marketplace.Rules.Documents;

/// <summary>
/// Whether a clause that a condition or a rounding cites says so at all. Numbers are held by their values elsewhere; here are words: the label
/// of each kind, each word of a list, the days of a window. What an interpretation reads is not held against a clause, and neither is a specimen,
/// whose clauses carry figures alone.
/// </summary>
internal static class Foundations
{
    private static readonly string[] Roundings = ["舍", "四舍五入", "进位", "进一", "进整", "取整", "去尾", "尾数", "零头", "精确", "保留", "抹", "不计"];

    /// <summary>Other names that laws give to the same bodies.</summary>
    private static string[] Names(string label) => label switch
    {
        "高等学校" => ["高等学校", "高等院校", "高校", "大学", "院校"],
        "科研院所" => ["科研院所", "科研机构", "研究院", "研究机构", "研发机构", "院所", "科研单位"],
        "中介服务机构" => ["中介", "服务机构"],
        "技术经纪人" => ["经纪人", "经理人"],
        "企业" => ["企业", "公司"],
        "政府部门" => ["政府", "部门", "机关"],
        // 技术开发、转让两类合同 names both.
        _ when label.StartsWith("技术", StringComparison.Ordinal) => [label[2..]],
        _ => [label],
    };

    public static void HoldLabel(this Faults faults, Node node, Clause? clause, string label)
    {
        if (clause is { Quote.Length: > 0 } && !Array.Exists(Names(label), name => Bare(clause.Corrected).Contains(name, StringComparison.Ordinal))) Missing(faults, node, clause, label);
    }

    public static void HoldWord(this Faults faults, Node node, Clause? clause, string word)
    {
        if (clause is { Quote.Length: > 0 } && !Bare(clause.Corrected).Contains(Bare(word), StringComparison.Ordinal)) Missing(faults, node, clause, word);
    }

    public static void HoldDay(this Faults faults, Node node, Clause? clause, DateOnly day)
    {
        if (clause is { Quote.Length: > 0 } && !Quotes.Hold(clause.Corrected, day)) Missing(faults, node, clause, Quantity.Of(day).ToString());
    }

    public static void HoldRounding(this Faults faults, Node node, Clause? clause)
    {
        if (clause is not { Quote.Length: > 0 } || Array.Exists(Roundings, word => clause.Corrected.Contains(word, StringComparison.Ordinal))) return;
        faults.Error(node, "POL407", new($"条款“{clause.Id}”的引文没有讲如何取整", $"The quote of clause \"{clause.Id}\" says nothing of rounding."), ByReading);
    }

    private static void Missing(Faults faults, Node node, Clause clause, string word) => faults.Error(node, "POL407",
        new($"条款“{clause.Id}”的引文中没有“{Shown.Short(word)}”", $"\"{Shown.Short(word)}\" does not occur in the quote of clause \"{clause.Id}\"."), ByReading);

    private static Wording ByReading => new("引用载明此点的条款;原文未讲明的,写成解释口径 { reading: 口径, 读法: 值 }。", "Cite the clause that says so; where the text does not, make it an interpretation: { reading: id, one: value }.");

    // Laws put names in quotation marks that documents leave out.
    private static string Bare(string text) => string.Concat(Literals.Narrow(text).Where(c => !char.IsWhiteSpace(c) && c is not ('“' or '”' or '‘' or '’' or '"' or '「' or '」' or '《' or '》')));
}
