using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Access;

/// <summary>Makes the key of <c>Marketplace:AdminKey</c> work, and the key that stood there before stop working.</summary>
static class FirstAdmin
{
    const string Person = "Marketplace:AdminKey";

    public static Task Ensure(Db db, TimeProvider clock, string adminKey) => db.Write(async session =>
    {
        var now = clock.Now();
        var market = await PartySql.EnsureMarket(session, clock);
        var hash = KeyText.Hash(adminKey);
        if (!await KeySql.Insert(session, Ids.New("key", clock), market, Person, [Roles.Admin], hash, now))
        {
            await KeySql.Restore(session, hash);
        }

        await KeySql.RevokeOthers(session, market, Person, hash, now);
    });
}
