using System.Text.Json;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Tests;

public sealed class JsonTests
{
    /// <summary>Routes ask for their bodies' members at start: a start that has written no JSON yet must find them.</summary>
    [Test]
    public void The_members_of_a_type_are_known_before_anything_was_written() =>
        Assert.That(Json.Configure(new(JsonSerializerDefaults.Web)).GetTypeInfo(typeof(PartyContent)).Properties, Is.Not.Empty);
}
