using System.Text.Json;
using Marketplace.Api.Demands;
using Marketplace.Api.Http;

namespace Marketplace.Api.Tests.Http;

public sealed class JsonTests
{
    [Test]
    public void Metadata_is_there_before_the_first_value_is_written_or_read() =>
        Assert.That(Json.Configure(new(JsonSerializerDefaults.Web)).GetTypeInfo(typeof(DemandContent)).Properties, Is.Not.Empty);
}
