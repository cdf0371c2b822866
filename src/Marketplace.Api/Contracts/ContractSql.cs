using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

/// <summary>Whose a contract is, and how it stands.</summary>
public record ContractStanding
{
    ContractContent? _terms;

    public string Id { get; init; } = "";
    public string Life { get; init; } = ContractLifecycle.Draft;
    public string Recognition { get; init; } = ContractLifecycle.None;
    public int TermsVersion { get; init; } = 1;
    public string Buyer { get; init; } = "";
    public string Seller { get; init; } = "";

    /// <summary>A <see cref="ContractContent"/>.</summary>
    public string Content
    {
        get;
        init => (field, _terms) = (value, null);
    } = "";

    public string State => ContractLifecycle.StateOf(Life, Recognition);

    /// <summary>The present terms are on the register.</summary>
    public bool IsRecognised => Recognition == ContractLifecycle.Recognised && Life is ContractLifecycle.Signed or ContractLifecycle.Performed;

    public ContractContent Terms => _terms ??= Json.Read<ContractContent>(Content);

    /// <summary>Whether a party is its buyer, its seller or one of its brokers.</summary>
    public bool Concerns(string party) => Buyer == party || Seller == party || Terms.Brokers.Any(broker => broker.Party == party);
}

public sealed record ContractRow : ContractStanding
{
    public int Version { get; init; } = 1;
    public string Owner { get; init; } = "";
    public string Kind { get; init; } = "";
    public string? Project { get; init; }

    /// <summary>1 where a registrar has decided that it counts by itself, having no project; else 0.</summary>
    public int Separated { get; init; }

    /// <summary>1 where it is recognised as of a day before its submission, else 0.</summary>
    public int Backdated { get; init; }

    /// <summary>What <see cref="SimilarContracts.Registered"/> made; null while it is not on the register.</summary>
    public string? Likeness { get; init; }

    /// <summary>An identical one was on the register; only of a row that is just being recognised.</summary>
    public bool IsIdentical { get; init; }

    public int? BuyerSignedTerms { get; init; }
    public string? BuyerSignedBy { get; init; }
    public DateTimeOffset? BuyerSignedAt { get; init; }
    public int? SellerSignedTerms { get; init; }
    public string? SellerSignedBy { get; init; }
    public DateTimeOffset? SellerSignedAt { get; init; }
    public string? Number { get; init; }
    public DateOnly? RecognisedOn { get; init; }
    public string? Office { get; init; }
    public string? RecognisedKind { get; init; }
    public long? RecognisedFen { get; init; }
    public int? RecognisedTerms { get; init; }
    public string? NumberFormat { get; init; }
    public long TotalFen { get; init; }

    /// <summary>The technology amount in force: what recognition approved, or else what the terms say.</summary>
    public long TechnologyFen { get; init; }

    public long ReceivedFen { get; init; }
    public DateOnly? SubmittedOn { get; init; }
    public DateOnly? DueOn { get; init; }
    public int? DueDays { get; init; }
    public string? DisputedBy { get; init; }
    public string? RefusedBy { get; init; }
    public string? ProposedBy { get; init; }
    public string? RecognisedBy { get; init; }
    public string? Proposal { get; init; }
    public string? Reason { get; init; }

    /// <summary>The highest number that terms of the contract were given; each change takes the next.</summary>
    public int TermsWritten { get; init; } = 1;

    /// <summary>The open amendment's terms, a <see cref="ContractContent"/>; the members below are set while there is one.</summary>
    public string? Amendment { get; init; }

    /// <summary>The side that opened it.</summary>
    public string? AmendmentBy { get; init; }

    /// <summary>The number of its terms.</summary>
    public int? AmendmentTerms { get; init; }

    public string? AmendmentBuyerSignedBy { get; init; }
    public DateTimeOffset? AmendmentBuyerSignedAt { get; init; }
    public string? AmendmentSellerSignedBy { get; init; }
    public DateTimeOffset? AmendmentSellerSignedAt { get; init; }

    /// <summary>The party that wrote the present terms, of a contract that was never signed by both sides.</summary>
    public string? WrittenBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The project in which it counts: a separated one is one of its own.</summary>
    public string? ProjectInForce => Project ?? (Separated == 1 ? Id : null);

    /// <summary>The form by which projects are compared.</summary>
    public string? ProjectKey => ProjectKeyOf(Project, this);

    public string? NumberKey => Number is null ? null : CanonicalName.Of(Number);

    public ContractContent? AmendedTerms => Amendment is null ? null : Json.Read<ContractContent>(Amendment);

    /// <summary>Both sides have signed terms of it.</summary>
    public bool WasSigned => ContractLifecycle.WasSigned(Life);

    public bool BuyerSigned => BuyerSignedTerms == TermsVersion;

    public bool SellerSigned => SellerSignedTerms == TermsVersion;

    public static string? ProjectKeyOf(string? project, ContractRow row) => project is null ? (row.Separated == 1 ? row.Id : null) : ProjectNames.Key(project);

    /// <summary>It has ended for good, before it was performed or by being struck from the register.</summary>
    public bool HasFallen => State is ContractLifecycle.Terminated or ContractLifecycle.Deregistered;
}

/// <summary>A contract among others that are looked through for the like of one.</summary>
public sealed record ContractPlace
{
    public string Contract { get; init; } = "";
    public string? Project { get; init; }

    /// <summary>The project in its canonical form.</summary>
    public string ProjectKey { get; init; } = "";
}

static class ContractSql
{
    const string StandingColumns =
        """
        id AS Id, life AS Life, recognition_state AS Recognition, terms_version AS TermsVersion, buyer_id AS Buyer, seller_id AS Seller,
        content AS Content
        """;

    const string Columns =
        $"""
        {StandingColumns}, version AS Version, owner_id AS Owner, kind AS Kind, project AS Project, separated AS Separated, backdated AS Backdated, likeness AS Likeness, buyer_signed_terms AS BuyerSignedTerms,
        buyer_signed_by AS BuyerSignedBy, buyer_signed_at AS BuyerSignedAt, seller_signed_terms AS SellerSignedTerms,
        seller_signed_by AS SellerSignedBy, seller_signed_at AS SellerSignedAt, registration_number AS Number, number_format AS NumberFormat,
        recognised_on AS RecognisedOn, office AS Office, recognised_kind AS RecognisedKind, recognised_fen AS RecognisedFen,
        recognised_terms AS RecognisedTerms, total_fen AS TotalFen, technology_fen AS TechnologyFen, received_fen AS ReceivedFen,
        submitted_on AS SubmittedOn, due_on AS DueOn, due_days AS DueDays, disputed_by AS DisputedBy, refused_by AS RefusedBy,
        proposed_by AS ProposedBy, recognised_by AS RecognisedBy, proposal AS Proposal, reason AS Reason, terms_written AS TermsWritten,
        amendment AS Amendment, amendment_by AS AmendmentBy, amendment_terms AS AmendmentTerms, amendment_buyer_signed_by AS AmendmentBuyerSignedBy,
        amendment_buyer_signed_at AS AmendmentBuyerSignedAt, amendment_seller_signed_by AS AmendmentSellerSignedBy,
        amendment_seller_signed_at AS AmendmentSellerSignedAt, created_at AS CreatedAt, updated_at AS UpdatedAt,
        CASE WHEN {NeverSigned} THEN COALESCE((SELECT MAX(s.party_id) FROM contract_steps s WHERE s.contract_id = contracts.id
            AND s.terms_version = contracts.terms_version AND s.step IN ('create', 'update')), owner_id) END AS WrittenBy
        """;

    const string NeverSigned = "life IN ('draft', 'signing', 'abandoned')";

    const string Untold = "(overdue_told_on IS NULL OR overdue_told_on <> due_on)";

    public static Task<ContractRow?> Get(Session session, string id) =>
        session.Find<ContractRow>($"SELECT {Columns} FROM contracts WHERE id = @id", new { id });

    /// <summary>The ids of the contracts after an id.</summary>
    public static Task<List<string>> Ids(Session session, string after, int take) =>
        session.First<string>("SELECT id FROM contracts WHERE id > @after ORDER BY id", new { after, take });

    /// <summary>The state and the project's form as they are stored; a row computes its own.</summary>
    public static Task<(string State, string? ProjectKey)> StoredForms(Session session, string id) =>
        session.Single<(string, string?)>("SELECT state, project_key FROM contracts WHERE id = @id", new { id });

    public static Task<List<ContractRow>> List(Session session, ContractQuery query, Caller caller, bool seesAll, string? after, int take)
    {
        // A filter by what the terms say finds nothing of terms that the caller may not read.
        var byTerms = query.Kind is not null || query.Project is not null || query.DueBefore is not null;
        var others = (seesAll, byTerms) switch
        {
            (true, false) => "state <> 'draft'",
            (true, true) => $"NOT {NeverSigned}",
            (false, false) => $"id IN ({ReaderSql.Contracts})",
            (false, true) => $"NOT {NeverSigned} AND id IN ({ReaderSql.ContractsInForce})",
        };
        List<string> where = ["id < @after", $"(buyer_id = @party OR seller_id = @party OR ({others}))"];
        Filter(query.State, "state = @state");
        Filter(query.Life, "life = @life");
        Filter(query.RecognitionState, "recognition_state = @recognition");
        Filter(query.Kind, "kind = @kind");
        Filter(query.Buyer, "buyer_id = @buyer");
        Filter(query.Seller, "seller_id = @seller");
        Filter(query.Project, "project_key = @project");
        Filter(query.DueBefore, "due_on < @dueBefore");
        return session.First<ContractRow>(
            $"SELECT {Columns} FROM contracts WHERE {string.Join(" AND ", where)} ORDER BY id DESC",
            new
            {
                after = after ?? "~", party = caller.Party, state = query.State, life = query.Life, recognition = query.RecognitionState,
                kind = query.Kind?.Wire(), buyer = query.Buyer, seller = query.Seller, project = query.Project is null ? null : ProjectNames.Key(query.Project), dueBefore = query.DueBefore, take,
            });

        void Filter(object? value, string condition)
        {
            if (value is not null)
            {
                where.Add(condition);
            }
        }
    }

    /// <summary>The buyer's recognised contracts of one project, in the order in which their awards count against its limits.</summary>
    /// <param name="projectKey">The project in its canonical form.</param>
    public static Task<List<ContractRow>> RecognisedOfProject(Session session, string buyer, string projectKey) => session.List<ContractRow>(
        $"""
        SELECT {Columns} FROM contracts
        WHERE buyer_id = @buyer AND project_key = @projectKey AND recognition_state = 'recognised' AND life IN ('signed', 'performed')
        ORDER BY recognised_on, id
        """,
        new { buyer, projectKey });

    /// <summary>Other contracts on the register that are identical, the earliest first.</summary>
    /// <param name="key">Of <see cref="SimilarContracts.KeyOf"/>; a contract that was recognised for a reason has # and its id behind it.</param>
    public static Task<List<ContractPlace>> Identical(Session session, string id, string key, int take) => session.First<ContractPlace>(
        """
        SELECT id AS Contract, project AS Project FROM contracts
        WHERE likeness >= @key AND likeness < @end AND id <> @id AND recognition_state <> 'deregistered' ORDER BY likeness
        """,
        new { key, end = key + "$", id, take });

    /// <summary>The buyer's named projects, each with a contract of it.</summary>
    public static Task<List<ContractPlace>> ProjectsOf(Session session, string buyer, int take) => session.First<ContractPlace>(
        """
        SELECT MIN(id) AS Contract, MIN(project) AS Project, project_key AS ProjectKey FROM contracts
        WHERE buyer_id = @buyer AND project_key IS NOT NULL AND project IS NOT NULL AND state <> 'draft'
        GROUP BY project_key ORDER BY MAX(id) DESC
        """,
        new { buyer, take });

    /// <summary>Contracts on the register from before their likeness was kept.</summary>
    public static Task<List<ContractRow>> WithoutLikeness(Session session, int take) => session.First<ContractRow>(
        $"SELECT {Columns} FROM contracts WHERE registration_number IS NOT NULL AND recognition_state <> 'deregistered' AND likeness IS NULL ORDER BY id", new { take });

    /// <returns>False when another contract has it.</returns>
    public static async Task<bool> SetLikeness(Session session, string id, string likeness) =>
        await session.TryExecute("UPDATE contracts SET likeness = @likeness WHERE id = @id", new { id, likeness }) is not null;

    public static Task<string?> ByNumber(Session session, string number) =>
        session.Find<string>("SELECT id FROM contracts WHERE number_key = @key", new { key = CanonicalName.Of(number) });

    /// <summary>Applications that were not decided in time, and of which nobody has been told.</summary>
    public static Task<List<ContractRow>> Overdue(Session session, DateOnly today, int take) => session.First<ContractRow>(
        $"SELECT {Columns} FROM contracts WHERE due_on < @today AND {Untold} ORDER BY due_on, id", new { today, take });

    /// <returns>False when it has been told, decided or given another day meanwhile.</returns>
    public static async Task<bool> TellOverdue(Session session, ContractRow told) => await session.Execute(
        $"""
        UPDATE contracts SET overdue_told_on = due_on, version = @Version, updated_at = @UpdatedAt
        WHERE id = @Id AND version = @Version - 1 AND {Untold}
        """,
        told) == 1;

    /// <summary>Adds to what is received.</summary>
    /// <returns>False when that would pass the technology amount.</returns>
    public static async Task<bool> Receive(Session session, string contract, long fen, DateTimeOffset now) => await session.Execute(
        """
        UPDATE contracts SET received_fen = received_fen + @fen, version = version + 1, updated_at = @now
        WHERE id = @contract AND received_fen + @fen <= technology_fen
        """,
        new { contract, fen, now }) == 1;

    /// <summary>Each demand with an achievement on which both sides signed.</summary>
    public static async Task<List<(string Demand, string Achievement)>> SignedPairs(Session session)
    {
        var contents = await session.List<string>("SELECT content FROM contracts WHERE state NOT IN ('draft', 'terminated')");
        return [.. contents.Select(Json.Read<ContractContent>).Where(terms => terms is { Demand: not null, Achievement: not null })
            .Select(terms => (terms.Demand!, terms.Achievement!))];
    }

    public static async Task Insert(Session session, ContractRow row, ContractContent terms)
    {
        await session.Execute(
            """
            INSERT INTO contracts (id, state, life, recognition_state, version, terms_version, terms_written, owner_id, kind, buyer_id, seller_id, project, project_key,
                content, total_fen, technology_fen, received_fen, created_at, updated_at)
            VALUES (@Id, @State, @Life, @Recognition, @Version, @TermsVersion, @TermsWritten, @Owner, @Kind, @Buyer, @Seller, @Project, @ProjectKey,
                @Content, @TotalFen, @TechnologyFen, 0, @CreatedAt, @UpdatedAt)
            """,
            row);
        await InsertBrokers(session, row.Id, terms);
    }

    /// <summary>Locks the row for the rest of the write unit.</summary>
    /// <returns>False when it is no longer of this version.</returns>
    public static Task<bool> Lock(Session session, ContractRow row) =>
        session.Lock("UPDATE contracts SET version = version WHERE id = @Id AND version = @Version", row);

    /// <summary>
    /// Rewrites a locked row, everything but id, owner, creation and what is received; the terms' brokers with it when <paramref name="terms"/>
    /// are given.
    /// </summary>
    /// <returns>False when another contract has the registration number, or is on the register with the same terms.</returns>
    public static async Task<bool> TryUpdate(Session session, ContractRow row, ContractContent? terms = null)
    {
        var changed = await session.TryExecute(
            """
            UPDATE contracts SET state = @State, life = @Life, recognition_state = @Recognition, version = @Version, terms_version = @TermsVersion,
                kind = @Kind, buyer_id = @Buyer, seller_id = @Seller, project = @Project, project_key = @ProjectKey, separated = @Separated, content = @Content,
                number_key = @NumberKey, backdated = @Backdated, likeness = @Likeness,
                total_fen = @TotalFen, technology_fen = @TechnologyFen, buyer_signed_terms = @BuyerSignedTerms,
                buyer_signed_by = @BuyerSignedBy, buyer_signed_at = @BuyerSignedAt, seller_signed_terms = @SellerSignedTerms,
                seller_signed_by = @SellerSignedBy, seller_signed_at = @SellerSignedAt, registration_number = @Number, number_format = @NumberFormat,
                recognised_on = @RecognisedOn, office = @Office, recognised_kind = @RecognisedKind, recognised_fen = @RecognisedFen,
                recognised_terms = @RecognisedTerms, submitted_on = @SubmittedOn, due_on = @DueOn, due_days = @DueDays, disputed_by = @DisputedBy,
                refused_by = @RefusedBy, proposed_by = @ProposedBy, recognised_by = @RecognisedBy, proposal = @Proposal, reason = @Reason,
                terms_written = @TermsWritten, amendment = @Amendment, amendment_by = @AmendmentBy, amendment_terms = @AmendmentTerms,
                amendment_buyer_signed_by = @AmendmentBuyerSignedBy, amendment_buyer_signed_at = @AmendmentBuyerSignedAt,
                amendment_seller_signed_by = @AmendmentSellerSignedBy, amendment_seller_signed_at = @AmendmentSellerSignedAt, updated_at = @UpdatedAt
            WHERE id = @Id
            """,
            row);
        if (changed is not null && terms is not null)
        {
            await session.Execute("DELETE FROM contract_brokers WHERE contract_id = @Id", row);
            await InsertBrokers(session, row.Id, terms);
        }

        return changed is not null;
    }

    static async Task InsertBrokers(Session session, string contract, ContractContent terms)
    {
        foreach (var broker in terms.Brokers)
        {
            await session.Execute(
                "INSERT INTO contract_brokers (contract_id, party_id) VALUES (@contract, @Party)", new { contract, broker.Party });
        }
    }
}
