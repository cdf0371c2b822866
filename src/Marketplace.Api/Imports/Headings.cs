using System.Text;
using System.Text.Json.Serialization.Metadata;
using Marketplace.Api.Http;

namespace Marketplace.Api.Imports;

/// <summary>What the columns of an office's tables are called, in Chinese, and the members that they hold.</summary>
static class Headings
{
    static readonly (string Path, string[] Names)[] Table =
    [
        ("externalId", ["外部编号", "编号", "需求编号", "成果编号", "主体编号"]),
        ("owner", ["归属方", "所属单位", "归属单位"]),
        ("title", ["标题", "名称", "需求名称", "成果名称", "技术名称"]),
        ("description", ["描述", "需求描述", "需求内容", "需求简介", "内容"]),
        ("summary", ["简介", "摘要", "成果简介", "成果描述", "内容"]),
        ("field", ["领域", "技术领域", "所属领域", "行业领域"]),
        ("keywords", ["关键词", "关键字"]),
        ("region", ["地区", "所在地", "所在地区", "行政区划", "区划代码"]),
        ("modes", ["合作方式", "转化方式", "合作模式"]),
        ("confidential", ["保密内容", "保密信息"]),
        ("kind", ["类型", "需求类型", "主体类型", "单位类型"]),
        ("budget.min", ["预算下限", "最低预算"]),
        ("budget.max", ["预算上限", "最高预算"]),
        ("minTrl", ["最低成熟度", "成熟度要求", "最低技术成熟度"]),
        ("deadline", ["截止日期", "截止时间", "有效期至"]),
        ("trl", ["技术成熟度", "成熟度"]),
        ("rights", ["知识产权", "知识产权情况"]),
        ("price.mode", ["定价方式"]),
        ("price.amount", ["价格", "挂牌价格", "挂牌价"]),
        ("publiclyFunded", ["是否财政资金", "财政资金项目", "是否财政资金项目"]),
        ("holders", ["权利人", "完成单位", "成果持有人"]),
        ("name", ["名称", "单位名称", "企业名称", "主体名称", "姓名"]),
        ("creditCode", ["统一社会信用代码", "信用代码"]),
        ("creditCodeReason", ["信用代码说明"]),
        ("park", ["园区", "所在园区"]),
        ("contact.name", ["联系人", "联系人姓名"]),
        ("contact.phone", ["联系电话", "电话", "手机"]),
        ("contact.email", ["邮箱", "电子邮箱", "电子邮件"]),
    ];

    /// <summary>The member that a heading names in a type of record, by its path; null where it is no Chinese heading of one.</summary>
    public static string? Member(string heading, Type content)
    {
        var name = Bare(heading);
        var paths = Paths(content);
        return Table.FirstOrDefault(row => row.Names.Contains(name) && (row.Path == "owner" || paths.Contains(row.Path))).Path;
    }

    /// <summary>A member with its first heading, for Chinese readers.</summary>
    public static string Of(string path) => Table.FirstOrDefault(row => row.Path == path).Names is [var name, ..] ? $"{path}（{name}）" : path;

    /// <summary>All that a column can name.</summary>
    public static IReadOnlyList<string> Paths(Type content) =>
    [
        .. Json.Options.GetTypeInfo(content).Properties.SelectMany(member => IsObject(member)
            ? Json.Options.GetTypeInfo(member.PropertyType).Properties.Select(inner => $"{member.Name}.{inner.Name}").Append(member.Name) : [member.Name]),
    ];

    static bool IsObject(JsonPropertyInfo member) =>
        CellText.Plain(member) is { IsValueType: false } type && type != typeof(string) && CellText.ElementOf(type) is null;

    /// <summary>Without blanks, marks of what is required and the unit yuan; another unit, as in 预算（万元）, would be misread and stays.</summary>
    static string Bare(string heading)
    {
        var name = string.Concat(heading.Normalize(NormalizationForm.FormKC).Where(c => !char.IsWhiteSpace(c) && c != '*'));
        return name.Replace("(必填)", "", StringComparison.Ordinal).Replace("(选填)", "", StringComparison.Ordinal).Replace("(元)", "", StringComparison.Ordinal);
    }
}
