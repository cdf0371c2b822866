using System.Globalization;
using System.Net;
using Marketplace.Api.Access;
using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Embeddings;
using Marketplace.Rules;

namespace Marketplace.Api;

/// <summary>The configuration section <c>Marketplace</c>, read once; a key or value that cannot be used stops the start.</summary>
public sealed record Settings
{
    static readonly string[] Known = ["Database", "AdminKey", "DemoData", "PolicyDirectory", "TrainAt", "RateLimit:Enabled", "Proxies",
        "Claims:SecondApproverFrom", "Keys:SecondAdmin", "Embeddings:Url", "Embeddings:Model", "Embeddings:Key",
        "Recognition:Area", "Recognition:WorkingDays", "Recognition:LongWorkingDays", "Recognition:LargeFrom", "Recognition:TwoRegistrars", "Recognition:StrictNumbers"];

    public required string Database { get; init; }

    public required string ConnectionString { get; init; }

    public string? AdminKey { get; init; }

    public required bool DemoData { get; init; }

    public string? PolicyDirectory { get; init; }

    /// <summary>When, in Beijing, the market learns from its texts and deals each day; null for never.</summary>
    public TimeOnly? TrainAt { get; init; }

    /// <summary>The least sum of a claim that two approve; null where one always does.</summary>
    public Fen? SecondApproverFrom { get; init; }

    /// <summary>Whether a key with an official role is valid only when another admin has confirmed it.</summary>
    public bool SecondAdmin { get; init; }

    /// <summary>Null where no engine of meaning from outside is configured.</summary>
    public EmbeddingsSettings? Embeddings { get; init; }

    public RecognitionSettings Recognition { get; init; } = new();

    /// <summary>Whether callers may ask only so much; see <see cref="Http.RateLimits"/>.</summary>
    public bool RateLimit { get; init; }

    /// <summary>Those whose word on who calls (<c>X-Forwarded-For</c>) is taken.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>The configured database, its connection string proven to be one.</summary>
    public Dialect Dialect()
    {
        try
        {
            var dialect = Data.Dialect.For(Database, ConnectionString);
            dialect.Connect(readOnly: false).Dispose();
            return dialect;
        }
        catch (Exception error) when (error is ArgumentException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new StartupException($"ConnectionStrings:Marketplace cannot be used: {error.Message.ReplaceLineEndings(" ")}");
        }
    }

    public static Settings Read(IConfiguration configuration, IHostEnvironment environment)
    {
        var section = configuration.GetSection("Marketplace");
        foreach (var (path, value) in section.AsEnumerable(makePathsRelative: true))
        {
            if (value is not null && !Known.Contains(path, StringComparer.OrdinalIgnoreCase))
            {
                throw new StartupException($"Marketplace:{path} is not a setting. Known: {string.Join(", ", Known)}.");
            }
        }

        var database = section["Database"] ?? "sqlite";
        var connection = configuration.GetConnectionString("Marketplace");
        if (database is not ("sqlite" or "sqlserver" or "postgresql"))
        {
            throw new StartupException($"Marketplace:Database is '{database}'; use sqlite, sqlserver or postgresql.");
        }

        if (connection is null && database != "sqlite")
        {
            throw new StartupException($"ConnectionStrings:Marketplace is missing; {database} needs one.");
        }

        var adminKey = section["AdminKey"];
        if (adminKey is not null && !KeyText.IsWellFormed(adminKey))
        {
            throw new StartupException("Marketplace:AdminKey must be tm_ and at least 40 visible ASCII characters.");
        }

        return new()
        {
            Database = database,
            ConnectionString = connection ?? "Data Source=data/marketplace.db",
            AdminKey = adminKey,
            DemoData = Flag("DemoData", environment.IsDevelopment()),
            PolicyDirectory = section["PolicyDirectory"],
            TrainAt = ReadTrainAt(section["TrainAt"] ?? "03:00"),
            SecondAdmin = Flag("Keys:SecondAdmin", false),
            SecondApproverFrom = Sum("Claims:SecondApproverFrom"),
            Embeddings = ReadEmbeddings(section.GetSection("Embeddings")),
            Recognition = ReadRecognition(),
            RateLimit = Flag("RateLimit:Enabled", true),
            Proxies = [.. (section["Proxies"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Proxy)],
        };

        RecognitionSettings ReadRecognition()
        {
            var defaults = new RecognitionSettings();
            return new()
            {
                Area = section["Recognition:Area"] is not { } area ? defaults.Area
                    : Region.IsWellFormed(area) ? area : throw new StartupException($"Marketplace:Recognition:Area is '{area}'; use six digits such as 630100."),
                WorkingDays = Days("Recognition:WorkingDays", defaults.WorkingDays),
                LongWorkingDays = Days("Recognition:LongWorkingDays", defaults.LongWorkingDays),
                LargeFrom = Sum("Recognition:LargeFrom") ?? defaults.LargeFrom,
                TwoRegistrars = Flag("Recognition:TwoRegistrars", defaults.TwoRegistrars),
                StrictNumbers = Flag("Recognition:StrictNumbers", defaults.StrictNumbers),
            };
        }

        Fen? Sum(string key) => section[key] is not { } text ? null
            : Fen.TryParseYuan(text, out var sum) && sum >= Fen.Zero ? sum
            : throw new StartupException($"Marketplace:{key} is '{text}'; use a sum in yuan, such as 500000.");

        int Days(string key, int otherwise) => section[key] is not { } text ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= 250 ? days
            : throw new StartupException($"Marketplace:{key} is '{text}'; use 1 to 250 working days.");

        bool Flag(string key, bool otherwise) => section[key] is not { } text ? otherwise
            : bool.TryParse(text, out var flag) ? flag
            : throw new StartupException($"Marketplace:{key} is '{text}'; use true or false.");
    }

    static IPNetwork Proxy(string text) =>
        IPAddress.TryParse(text, out var one) ? new(one, one.GetAddressBytes().Length * 8)
        : IPNetwork.TryParse(text, out var network) ? network
        : throw new StartupException($"Marketplace:Proxies has '{text}'; use addresses or networks, such as 10.0.0.7, 10.1.0.0/16.");

    static TimeOnly? ReadTrainAt(string text) => text == "never" ? null
        : TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at
        : throw new StartupException($"Marketplace:TrainAt is '{text}'; use a time such as 03:00, or never.");

    static EmbeddingsSettings? ReadEmbeddings(IConfigurationSection section)
    {
        var (url, model, key) = (section["Url"], section["Model"], section["Key"]);
        if (url is null && model is null && key is null)
        {
            return null;
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Query.Length + address.Fragment.Length > 0)
        {
            throw new StartupException($"Marketplace:Embeddings:Url is '{url}'; it must be the http or https address before /v1/embeddings.");
        }

        if (model is not { Length: > 0 and <= 200 })
        {
            throw new StartupException("Marketplace:Embeddings:Model must name a model, in at most 200 characters.");
        }

        return key is not null && (key.Length == 0 || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            ? throw new StartupException("Marketplace:Embeddings:Key must be visible ASCII characters.")
            : new(address, model, key);
    }
}
