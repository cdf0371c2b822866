using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Marketplace.Api.Access;
using Marketplace.Api.Data;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Demo;

/// <summary>
/// The keys that the demo market prints, the same at each start of one database. They are made from a seed of 256 random bits that lies in that database and
/// is told nobody, so that what can be read over the API, such as ids and names, gives no key away. Without demo data the seed and its keys end.
/// </summary>
static class DemoKeys
{
    public static async Task<Dictionary<string, string>> Ensure(Session session, TimeProvider clock)
    {
        await session.TryInsert("INSERT INTO demo_seeds (id, seed) VALUES (1, @seed)", new { seed = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) });
        var seed = Convert.FromHexString((await Seed(session))!);
        var keys = new Dictionary<string, string>();
        foreach (var holder in DemoMarket.Holders)
        {
            var key = Key(seed, holder);
            await KeySql.Keep(session, clock, (await PartySql.ByExternalId(session, holder.Party))!.Id, holder.Person, [holder.Role], key);
            keys[holder.Variable] = key;
        }

        return keys;
    }

    /// <summary>Takes the printed keys back, where a market with demo data goes on without.</summary>
    public static async Task End(Db db, TimeProvider clock)
    {
        if (await db.Read(Seed) is not { } seed)
        {
            return;
        }

        await db.Write(async session =>
        {
            foreach (var holder in DemoMarket.Holders)
            {
                await KeySql.RevokeHash(session, KeyText.Hash(Key(Convert.FromHexString(seed), holder)), clock.GetUtcNow());
            }

            await session.Execute("DELETE FROM demo_seeds WHERE id = 1");
        });
    }

    static Task<string?> Seed(Session session) => session.Find<string>("SELECT seed FROM demo_seeds WHERE id = 1");

    static string Key(byte[] seed, DemoMarket.Holder holder) =>
        KeyText.Prefix + Base64Url.EncodeToString(HMACSHA256.HashData(seed, Encoding.UTF8.GetBytes(holder.Variable)));
}
