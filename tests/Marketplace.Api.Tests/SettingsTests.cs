using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;

namespace Marketplace.Api.Tests;

/// <summary>A setting that cannot be used stops the start with one line that names it.</summary>
public sealed class SettingsTests
{
    static readonly string Nowhere = OperatingSystem.IsWindows() ? "NUL:/nowhere" : "/dev/null/nowhere";

    [TestCase("Marketplace:Databse", "sqlite", "Marketplace:Databse")]
    [TestCase("Marketplace:RateLimit:Enable", "true", "Marketplace:RateLimit:Enable")]
    [TestCase("Marketplace:Database", "oracle", "Marketplace:Database")]
    [TestCase("Marketplace:Database", "postgresql", "ConnectionStrings:Marketplace")]
    [TestCase("Marketplace:AdminKey", "tm_short", "Marketplace:AdminKey")]
    [TestCase("Marketplace:DemoData", "perhaps", "Marketplace:DemoData")]
    [TestCase("Marketplace:RateLimit:Enabled", "1", "Marketplace:RateLimit:Enabled")]
    [TestCase("Marketplace:Proxies", "10.0.0.1, proxy.example", "proxy.example")]
    [TestCase("Marketplace:TrainAt", "3 o'clock", "Marketplace:TrainAt")]
    [TestCase("Marketplace:TrainAt", "24:00", "Marketplace:TrainAt")]
    [TestCase("Marketplace:Claims:SecondApproverFrom", "50万", "Marketplace:Claims:SecondApproverFrom")]
    [TestCase("Marketplace:Claims:SecondApproverFrom", "-1", "Marketplace:Claims:SecondApproverFrom")]
    [TestCase("Marketplace:Embeddings:Adress", "http://localhost", "Marketplace:Embeddings:Adress")]
    [TestCase("Marketplace:Embeddings:Url", "localhost:11434", "Marketplace:Embeddings:Url")]
    [TestCase("Marketplace:Embeddings:Url", "http://localhost:11434", "Marketplace:Embeddings:Model")]
    [TestCase("Marketplace:Embeddings:Model", "m", "Marketplace:Embeddings:Url")]
    [TestCase("Marketplace:Embeddings:Key", "k", "Marketplace:Embeddings:Url")]
    [TestCase("Marketplace:Recognition:Area", "6301", "Marketplace:Recognition:Area")]
    [TestCase("Marketplace:Recognition:WorkingDays", "0", "Marketplace:Recognition:WorkingDays")]
    [TestCase("Marketplace:Recognition:LongWorkingDays", "251", "Marketplace:Recognition:LongWorkingDays")]
    [TestCase("Marketplace:Recognition:LargeFrom", "500万", "Marketplace:Recognition:LargeFrom")]
    [TestCase("Marketplace:Recognition:TwoRegistrars", "yes", "Marketplace:Recognition:TwoRegistrars")]
    [TestCase("Marketplace:Recognition:SecondRegistrar", "true", "Marketplace:Recognition:SecondRegistrar")]
    public void What_cannot_be_used_is_named(string key, string value, string named) =>
        Assert.That(() => Read(new() { [key] = value }), Refused(named));

    [TestCase("sqlite", "no such words")]
    [TestCase("sqlserver", "no such words")]
    [TestCase("postgresql", "no such words")]
    public void What_is_no_connection_string_is_named(string database, string text) =>
        Assert.That(() => Read(new() { ["Marketplace:Database"] = database, ["ConnectionStrings:Marketplace"] = text }).Dialect(),
            Refused("ConnectionStrings:Marketplace"));

    [Test]
    public void A_file_where_no_folder_can_be_made_is_named() =>
        Assert.That(() => Read(new() { ["ConnectionStrings:Marketplace"] = $"Data Source={Nowhere}/market.db" }).Dialect(),
            Refused("ConnectionStrings:Marketplace"));

    [Test]
    public void Without_any_setting_it_is_the_embedded_database_with_demo_data_in_development_alone()
    {
        var (production, development) = (Read([]), Read([], Environments.Development));
        Assert.Multiple(() =>
        {
            Assert.That(production.Database, Is.EqualTo("sqlite"));
            Assert.That(production.ConnectionString, Is.EqualTo("Data Source=data/marketplace.db"));
            Assert.That(production.DemoData, Is.False);
            Assert.That((production.RateLimit, production.Proxies), Is.EqualTo((true, Array.Empty<System.Net.IPNetwork>())));
            Assert.That(development.DemoData, Is.True);
            Assert.That((production.Recognition.WorkingDays, production.Recognition.LongWorkingDays), Is.EqualTo((15, 30)));
            Assert.That(production.Recognition.LargeFrom.ToString(), Is.EqualTo("5000000.00"));
            Assert.That((production.Recognition.TwoRegistrars, production.Recognition.StrictNumbers), Is.EqualTo((false, false)));
        });
    }

    static NUnit.Framework.Constraints.Constraint Refused(string named) =>
        Throws.TypeOf<StartupException>().With.Message.Contains(named).And.Message.Not.Contains("\n");

    static Settings Read(Dictionary<string, string?> values, string environment = "Production") =>
        Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), new HostingEnvironment { EnvironmentName = environment });
}
