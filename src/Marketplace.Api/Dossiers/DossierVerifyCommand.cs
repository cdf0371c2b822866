using System.Text.Json;
using Marketplace.Api.Http;
using Marketplace.Api.Policies;

namespace Marketplace.Api.Dossiers;

/// <summary>
/// <c>dossier verify FILE [--policies DIRECTORY] [--json]</c>: checks a contract's dossier without the market. It ends with 0, with 1 when
/// something is wrong, or with 2 when it was called wrongly.
/// </summary>
static class DossierVerifyCommand
{
    const string Usage = "Usage: dossier verify FILE [--policies DIRECTORY] [--json]";

    static readonly JsonSerializerOptions Indented = new(Json.Options) { WriteIndented = true };

    /// <param name="arguments">Those after the word <c>dossier</c>.</param>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors)
    {
        try
        {
            var (path, directory, asJson) = ShellArguments.Read(arguments, "verify", "--policies", Usage);
            if (!File.Exists(path))
            {
                throw new StartupException($"There is no file '{path}'.");
            }

            var read = PolicyReading.Of(directory);
            var faults = new DossierCheck(read.Catalogue ?? throw new StartupException("Policy document refused: " + read.Errors[0]))
                .Run(File.ReadAllBytes(path), out var dossier);
            Print(Report.Of(dossier, faults), asJson, output);
            return faults.Count == 0 ? 0 : 1;
        }
        catch (StartupException wrong)
        {
            errors.WriteLine(wrong.Message);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"Cannot be read: {error.Message}");
        }

        return 2;
    }

    static void Print(Report report, bool asJson, TextWriter output)
    {
        if (asJson)
        {
            output.WriteLine(JsonSerializer.Serialize(report, Indented));
            return;
        }

        Print("文件 / file", report.Faults);
        foreach (var link in report.Links)
        {
            if (link.Faults.Count == 0)
            {
                output.WriteLine($"{link.Place} {link.Kind} {link.Name} 无误 / ok{(link.HashWithheld ? "（未提供经办人或他人的补贴，散列不能重算 / a person, or grants of others, are withheld, so its hash is not computed again）" : "")}");
            }

            Print($"{link.Place} {link.Kind} {link.Name}", link.Faults);
        }

        var wrong = report.Faults.Count + report.Links.Sum(link => link.Faults.Count);
        output.WriteLine($"合同 {report.Contract ?? "?"}：{report.Links.Count} 个环节，{wrong} 处有误 / contract {report.Contract ?? "?"}: {report.Links.Count} links, {wrong} faults");

        void Print(string what, IReadOnlyList<Finding> faults)
        {
            foreach (var fault in faults)
            {
                output.WriteLine($"{what} 有误 / wrong at {fault.Member}: {fault.Message.Zh} / {fault.Message.En}");
            }
        }
    }

    sealed record Texts(string Zh, string En);

    sealed record Finding(string Member, Texts Message)
    {
        public static Finding Of(DossierFault fault) => new(fault.Member, new(fault.Message.Zh, fault.Message.En));
    }

    /// <param name="Place">Counted from 1.</param>
    /// <param name="HashWithheld">The ledger's hash is over a member that the dossier's owner may not see.</param>
    sealed record CheckedLink(int Place, string Kind, string Name, bool HashWithheld, IReadOnlyList<Finding> Faults);

    sealed record Report(string? Contract, bool Ok, IReadOnlyList<Finding> Faults, IReadOnlyList<CheckedLink> Links)
    {
        public static Report Of(Dossier? dossier, IReadOnlyList<DossierFault> faults)
        {
            // Of a file that cannot be read, the link at whose place it breaks is all that can be told.
            var links = dossier?.Links.Select((link, i) => (Link: i, link.Kind, Name: Name(link))).ToList()
                ?? [.. faults.Where(fault => fault.Link is not null).Select(fault => (fault.Link!.Value, "?", "?"))];
            return new(dossier?.Contract, faults.Count == 0, [.. faults.Where(fault => fault.Link is null).Select(Finding.Of)],
            [
                .. links.Select(link => new CheckedLink(link.Link + 1, link.Kind, link.Name, dossier is not null && IsWithheld(dossier.Links[link.Link]),
                    [.. faults.Where(fault => fault.Link == link.Link).Select(Finding.Of)])),
            ]);
        }

        static bool IsWithheld(DossierLink link) => link.Kind == "entry" ? !Has(link, "person")
            : link.Kind == "claim" && link.Content.ValueKind == JsonValueKind.Object && link.Content.TryGetProperty("basis", out var basis)
                && basis.ValueKind == JsonValueKind.Object && basis.TryGetProperty("withheld", out _);

        static bool Has(DossierLink link, string member) => link.Content.ValueKind == JsonValueKind.Object && link.Content.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null;

        static string Name(DossierLink link) => string.Join(' ', new[] { "type", "subject", "fund", "number", "contract", "step", "id" }
            .Where(member => link.Kind switch
            {
                "event" => member is "type" or "subject",
                "entry" => member is "fund" or "number",
                "terms" => member is "contract",
                "step" => member is "step",
                _ => member is "id",
            })
            .Where(member => Has(link, member)).Select(member => link.Content.GetProperty(member).ToString()));
    }
}
