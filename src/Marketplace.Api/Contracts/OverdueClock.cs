using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Contracts;

/// <summary>Tells once of each application that the registration office has not decided in time. It decides nothing.</summary>
public sealed class OverdueClock(Db db, RegistrationOffice office, Listening listening, ILogger<OverdueClock> log)
    : Recurring(TimeSpan.FromMinutes(1), listening, office.Clock, log)
{
    protected override async Task Run(CancellationToken stopping)
    {
        while (await db.Write(session => TellSome(session, office)) > 0)
        {
        }
    }

    /// <summary>A batch at a time, so that requests are not held up; safe to run late or twice.</summary>
    /// <returns>How many were found.</returns>
    static async Task<int> TellSome(Session session, RegistrationOffice office)
    {
        var overdue = await ContractSql.Overdue(session, office.Clock.Today(), take: 100);
        foreach (var row in overdue)
        {
            var told = row with { Version = row.Version + 1, UpdatedAt = office.Clock.Now() };
            if (await ContractSql.TellOverdue(session, told))
            {
                await ContractParties.Record(session, office, "contract.overdue", told, Lifecycle.Clock);
            }
        }

        return overdue.Count;
    }
}
