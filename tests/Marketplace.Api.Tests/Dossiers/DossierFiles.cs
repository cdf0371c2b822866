using System.Text;
using Marketplace.Api.Dossiers;
using Marketplace.Api.Policies;

namespace Marketplace.Api.Tests.Dossiers;

/// <summary>The dossier as a reader gets it, and what its check says.</summary>
static class DossierFiles
{
    public static async Task<string> Of(HttpClient reader, string contract)
    {
        using var response = await reader.GetAsync($"contracts/{contract}/dossier");
        Assert.That((int)response.StatusCode, Is.EqualTo(200), TestLog.About(response));
        return await response.Content.ReadAsStringAsync();
    }

    /// <returns>One line for each fault.</returns>
    public static string Faults(string file) =>
        string.Join('\n', new DossierCheck(PolicyReading.Of(null).Catalogue!).Run(Encoding.UTF8.GetBytes(file), out _));
}
