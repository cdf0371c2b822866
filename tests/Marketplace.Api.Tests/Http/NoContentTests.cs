namespace Marketplace.Api.Tests.Http;

/// <summary>An answer without a body leaves the connection to the next request.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class NoContentTests(Database database)
{
    [Test]
    public async Task The_connection_of_a_204_serves_the_next_request()
    {
        var market = Market.On(database);
        var owner = await market.Party();
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancel) =>
            {
                connections++;
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, cancel);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler) { BaseAddress = market.Anonymous.BaseAddress };
        client.DefaultRequestHeaders.Authorization = owner.Client.DefaultRequestHeaders.Authorization;
        for (var i = 0; i < 5; i++)
        {
            var id = (await client.PostJson("demands", Market.DemandBody()).Json(201)).Text("id");
            using var deleted = await client.Send(HttpMethod.Delete, $"demands/{id}");
            Assert.That((int)deleted.StatusCode, Is.EqualTo(204));
            // The server closes a connection after the answer, if it does.
            await market.Anonymous.GetJson("demands?limit=1");
        }

        Assert.That(connections, Is.EqualTo(1));
    }
}
