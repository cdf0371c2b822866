using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Access;

/// <summary>Makes the key of <c>Marketplace:AdminKey</c> work, and the key that stood there before stop working.</summary>
static class FirstAdmin
{
    /// <summary>Whom the configured key names as its holder.</summary>
    public const string Person = "Marketplace:AdminKey";

    public static async Task Ensure(Db db, TimeProvider clock, string adminKey)
    {
        var hash = KeyText.Hash(adminKey);
        if (await db.Read(session => KeySql.Standing(session, Person)) is [var only] && only == hash)
        {
            return;
        }

        await db.Write(session => Replace(session, clock, hash));
    }

    static async Task Replace(Session session, TimeProvider clock, string hash)
    {
        var now = clock.Now();
        var market = await PartySql.EnsureMarket(session, clock);
        var row = new KeyRow
        {
            Id = Ids.New("key", clock), Party = market, Person = Person, PersonKey = PersonName.Key(Person), Roles = Roles.Admin, Hash = hash, CreatedAt = now,
        };
        if (!await KeySql.Insert(session, row))
        {
            await KeySql.Restore(session, hash);
        }

        await KeySql.RevokeOthers(session, market, Person, hash, now);
    }
}
