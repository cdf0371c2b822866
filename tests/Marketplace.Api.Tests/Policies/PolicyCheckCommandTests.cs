using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Marketplace.Api.Policies;

namespace Marketplace.Api.Tests.Policies;

/// <summary>The check of policy documents from a shell.</summary>
public sealed class PolicyCheckCommandTests
{
    static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "Policies");

    readonly string folder = Directory.CreateTempSubdirectory("policies-").FullName;

    [OneTimeTearDown]
    public void Remove_the_files() => Directory.Delete(folder, recursive: true);

    [Test]
    public void The_shipped_policies_are_without_fault_and_a_line_sums_up()
    {
        var (code, output, errors) = Run("check", Shipped);
        Assert.That((code, errors), Is.EqualTo((0, "")), output);
        Assert.That(output.TrimEnd().Split('\n')[^1], Does.Contain("0 个错误").And.Contain("0 errors").And.Contain("mutation score 100%"));
        // What the analysis says of the law itself stays: the buyer's cap of one contract invites to cut it.
        Assert.That(Regex.Matches(output, "(?:error|warning) (POL\\d+)").Select(code => code.Groups[1].Value), Is.All.StartWith("POL7"));
    }

    [Test]
    public void A_fault_is_shown_with_its_line_underlined_and_ends_with_1()
    {
        var path = Saved("broken.yaml", Xining().Replace("{ cap: 5万元,", "{ cap: 5万,"));
        var (code, output, _) = Run("check", path);
        var lines = output.Split('\n');
        var number = Array.FindIndex(File.ReadAllLines(path), line => line.Contains("cap: 5万,", StringComparison.Ordinal)) + 1;
        Assert.That(code, Is.EqualTo(1));
        Assert.That(lines[0], Does.StartWith($"{path}:{number}:16 error POL301 “5万”没有单位 / \"5万\" has no unit. "));
        Assert.That(lines[1], Is.EqualTo("          - { cap: 5万, scope: project, cite: broker, unnamed: { reading: unnamed-project, parties: parties, contract: contract } }"));
        Assert.That(lines[2].TrimEnd(), Is.EqualTo("                   ^^^"));
        Assert.That(lines[3], Does.Contain("1 个错误").And.Contain("1 errors"));
    }

    [Test]
    public void Columns_are_counted_as_they_are_seen()
    {
        var path = Saved("wide.yaml", Xining().Replace("  zh: 市委(市委印发稿)", "  zh: 印发: 市委印发稿"));
        var lines = Run("check", path).Output.Split('\n');
        Assert.That(lines[1], Is.EqualTo("      zh: 印发: 市委印发稿"));
        Assert.That(lines[2].TrimEnd(), Is.EqualTo("              ^"), "two Chinese characters are as wide as four others");
    }

    [Test]
    public void Suggested_examples_are_printed_below_a_warning()
    {
        var path = Saved("few.yaml", Xining());
        Saved("few.examples.yaml", "- name: start\n  given: { kind: 技术转让 }\n  expect: { buyer: { outcome: open } }\n");
        var (code, output, _) = Run("check", path);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("POL801").And.Contain("\n    + - name: ").And.Contain("\n    +   expect: { buyer: { amount: "));
    }

    [Test]
    public void An_argued_change_ends_with_0_and_is_counted()
    {
        var path = Saved("argued.yaml", Xining());
        var examples = File.ReadAllText(Path.Combine(Shipped, "xining-2020.examples.yaml"));
        Saved("argued.examples.yaml", examples.Replace(", onShortage: caseDecision", "") + """
            - equivalent: { at: funds.main.onShortage, change: queue, reason: the ledger alone reads it }
            - equivalent: { at: funds.main.onShortage, change: proRata, reason: the ledger alone reads it }
            - equivalent: { at: funds.main.onShortage, change: firstCome, reason: the ledger alone reads it }

            """);
        var (code, output, _) = Run("check", path);
        Assert.That(code, Is.EqualTo(0), output);
        Assert.That(output, Does.Contain("3 more changes argued to be equivalent").And.Contain("另有 3 处改动已说明为等价").And.Contain("mutation score 100%"));
    }

    [Test]
    public void An_example_without_its_subject_is_told_of()
    {
        var path = Saved("subject.yaml", Xining());
        Saved("subject.examples.yaml", "- name: a\n  given: { title: 高新技术企业, recognised: true, recognisedOn: 2021-03-01, applicant: E1 }\n  expect: { enterprise: { outcome: granted } }\n");
        var (code, output, _) = Run("check", path);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("POL800"));
    }

    [Test]
    public void Machines_get_ranges_and_both_languages()
    {
        var path = Saved("json.yaml", Xining().Replace("{ cap: 5万元,", "{ cap: 5万,"));
        var (code, output, _) = Run("check", path, "--json");
        var report = JsonDocument.Parse(output).RootElement;
        var finding = report.GetProperty("diagnostics").EnumerateArray().Single();
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1));
            Assert.That((report.GetProperty("errors").GetInt32(), report.GetProperty("warnings").GetInt32()), Is.EqualTo((1, 0)));
            Assert.That(finding.GetProperty("file").GetString(), Is.EqualTo(path));
            Assert.That(finding.GetProperty("code").GetString(), Is.EqualTo("POL301"));
            Assert.That(finding.GetProperty("severity").GetString(), Is.EqualTo("error"));
            var range = finding.GetProperty("range");
            Assert.That(range.GetProperty("start").GetProperty("column").GetInt32(), Is.EqualTo(16));
            Assert.That(range.GetProperty("end").GetProperty("column").GetInt32(), Is.EqualTo(18));
            Assert.That(range.GetProperty("end").GetProperty("line").GetInt32(), Is.EqualTo(range.GetProperty("start").GetProperty("line").GetInt32()));
            Assert.That(finding.GetProperty("message").GetProperty("zh").GetString(), Does.Contain("没有单位"));
            Assert.That(finding.GetProperty("fix").GetProperty("en").GetString(), Does.Contain("10万元"));
        });
    }

    [Test]
    public void Two_versions_in_force_on_one_day_are_found_in_a_directory()
    {
        var both = Directory.CreateDirectory(Path.Combine(folder, "both")).FullName;
        Saved("both/one.yaml", Xining());
        Saved("both/two.yaml", Xining().Replace("version: \"1\"", "version: \"2\""));
        Saved("both/.swap.yaml", "not a policy");
        var (code, output, _) = Run("check", both);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("POL502").And.Contain("2 files"));
    }

    [Test]
    public void Quotes_are_held_against_sources_that_lie_in_the_directory()
    {
        var sources = Directory.CreateDirectory(Path.Combine(folder, "sources")).FullName;
        Saved("outside.txt", "text");
        var path = Saved("quoted.yaml", Xining().Replace("file: 001_9b11ddf15a36aabe.txt", "file: a.txt"));
        Assert.That(Run("check", path, "--sources", sources).Output, Does.Contain("POL405"));
        Saved("sources/a.txt", "对买方给予百分之三的技术合同补贴,最高不超过10万元");
        Assert.That(Run("check", path, "--sources", sources).Output, Does.Contain("POL406").And.Contain("POL402").And.Contain("the nearest text is at line 1"));
        var astray = Saved("astray.yaml", Xining().Replace("file: 001_9b11ddf15a36aabe.txt", "file: ../outside.txt"));
        Assert.That(Run("check", astray, "--sources", sources).Output, Does.Contain("POL405").And.Not.Contain("POL402"));
    }

    [Test]
    public void A_file_in_another_encoding_is_named_and_not_shown()
    {
        var path = Path.Combine(folder, "gbk.yaml");
        File.WriteAllBytes(path, [.. "title: "u8, 0xCE, 0xF7, 0xC4, 0xFE]);
        var (code, output, _) = Run("check", path);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain($"{path}:1:8 error POL114").And.Contain("GBK").And.Not.Contain("\uFFFD"));
    }

    [Test]
    public void What_was_called_wrongly_ends_with_2_and_one_line()
    {
        var path = Saved("good.yaml", Xining());
        var examples = Saved("good.examples.yaml", "[]");
        var empty = Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName;
        (string[] Arguments, string Reason)[] wrong =
        [
            ([], "Usage"), (["check"], "Usage"), (["chekc", path], "Usage"), (["check", path, path], "Usage"), (["check", path, "--jsno"], "--jsno"),
            (["check", path, "--sources"], "--sources"), (["check", path, "--sources", "missing"], "missing"), (["check", "missing.yaml"], "missing.yaml"),
            (["check", examples], "no policy document"), (["check", empty], "no policy document"),
        ];
        foreach (var (arguments, reason) in wrong)
        {
            var (code, output, errors) = Run(arguments);
            Assert.That((code, output), Is.EqualTo((2, "")), string.Join(' ', arguments));
            Assert.That(errors.TrimEnd(), Does.Contain(reason).And.Not.Contain("\n"));
        }
    }

    static string Xining() => File.ReadAllText(Path.Combine(Shipped, "xining-2020.yaml"));

    string Saved(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }

    static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
        using StringWriter output = new() { NewLine = "\n" }, errors = new() { NewLine = "\n" };
        var code = PolicyCheckCommand.Run(arguments, output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
