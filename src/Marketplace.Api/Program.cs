using System.Globalization;
using Marketplace.Api;
using Marketplace.Api.Access;
using Marketplace.Api.Achievements;
using Marketplace.Api.Claims;
using Marketplace.Api.Codes;
using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Demands;
using Marketplace.Api.Demo;
using Marketplace.Api.Dossiers;
using Marketplace.Api.Embeddings;
using Marketplace.Api.Events;
using Marketplace.Api.Funds;
using Marketplace.Api.Http;
using Marketplace.Api.Imports;
using Marketplace.Api.Integrity;
using Marketplace.Api.Introductions;
using Marketplace.Api.Learning;
using Marketplace.Api.Listings;
using Marketplace.Api.Matches;
using Marketplace.Api.Parties;
using Marketplace.Api.Policies;
using Marketplace.Api.Subscriptions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.HttpOverrides;

// No answer depends on the machine's language.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;

try
{
    // The two dashes part the program's arguments from those of 'dotnet run', and are typed where it is started without it too.
    if (args is ["--", .. var own])
    {
        args = own;
    }

    if (args is ["help"] || args.Any(word => word is "--help" or "-h" or "-?"))
    {
        await Console.Out.WriteAsync(Shell.Usage);
        return 0;
    }

    if (args is ["version" or "--version"])
    {
        await Console.Out.WriteLineAsync(Shell.Version);
        return 0;
    }

    if (args is ["import", .. var rest])
    {
        var command = new ImportCommand(rest);
        await using var program = Build([.. command.Settings]);
        return await command.Run(program.Services, Console.Out, Console.Error, onTerminal: !Console.IsErrorRedirected);
    }

    if (args is ["policies", .. var about])
    {
        return PolicyCheckCommand.Run(about, Console.Out, Console.Error);
    }

    if (args is ["dossier", .. var dossier])
    {
        return DossierVerifyCommand.Run(dossier, Console.Out, Console.Error);
    }

    if (args is ["verify", .. var verify])
    {
        return await VerifyCommand.Run(verify, Build, Console.Out, Console.Error);
    }

    if (args is ["backup", .. var backup])
    {
        return await BackupCommand.Run(backup, Build, Console.Out, Console.Error);
    }

    if (Shell.Unknown(args) is { } unknown)
    {
        await Console.Error.WriteLineAsync($"'{unknown}' is not understood; 'help' lists what is.");
        return Shell.NotUnderstood;
    }

    return await Serve(Build(args));
}
catch (Exception error) when (Shell.OneLine(error) is { } line)
{
    await Console.Error.WriteLineAsync(line);
    return 1;
}

static async Task<int> Serve(WebApplication app)
{
    var schema = app.Services.GetRequiredService<Schema>();
    try
    {
        await app.RunAsync();
    }
    catch (OperationCanceledException)
    {
        // Told to stop while it was still starting, for example waiting for its database.
    }

    // The database may have come later than the start, and then been one that the program cannot use.
    if (schema.Ready.IsFaulted)
    {
        await schema.Ready;
    }

    return 0;
}

static WebApplication Build(string[] args)
{
    var builder = WebApplication.CreateBuilder(args);
    builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 1 << 20;
        UnreadableRequests.Prepare(kestrel);
    });

    var services = builder.Services;
    services.AddSingleton(provider => Settings.Read(provider.GetRequiredService<IConfiguration>(), builder.Environment));
    services.AddSingleton(TimeProvider.System);
    services.AddSingleton(provider => provider.GetRequiredService<Settings>().Dialect());
    services.AddSingleton<Db>();
    services.AddSingleton(provider => new RegistrationOffice(provider.GetRequiredService<Settings>().Recognition, provider.GetRequiredService<TimeProvider>()));
    services.AddScoped<Session>();
    services.AddSingleton(_ => new ComputeGate());
    services.AddSingleton(provider => new RateLimits(provider.GetRequiredService<Settings>().RateLimit));
    // One request, one set of policies, also when the documents change meanwhile.
    services.AddScoped(provider => provider.GetRequiredService<PolicyFiles>().Current);
    // The schema is looked at while the routes are built; until it is ready every request is answered 503.
    services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
    services.AddHosted<Schema>();
    services.AddHosted<Listening>();
    services.AddHosted<MatchIndex>();
    services.AddHosted<SubscriptionFollower>();
    services.AddHosted<Sequencer>();
    services.AddHosted<ListingClock>();
    services.AddHosted<OverdueClock>();
    services.AddHosted<LedgerWatch>();
    services.AddHosted<RecordWatch>();
    services.AddHosted<PolicyFiles>();
    services.AddHosted<ListingEmbeddings>();
    services.AddHosted<MatchModels>();
    services.AddHosted<DemoMarket>();

    services.ConfigureHttpJsonOptions(json => Json.Configure(json.SerializerOptions));
    services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    // AddAuthentication would add data protection, which makes key files under the user's profile at start; nothing here is protected by it.
    services.AddAuthenticationCore(options => options.DefaultScheme = KeyAuthentication.Bearer).AddWebEncoders();
    new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(KeyAuthentication.Bearer, null);
    services.AddAuthorization();
    services.AddSingleton<IAuthorizationMiddlewareResultHandler, NamedRoleResults>();
    // Browsers of other origins may call: keys travel in a header, and there are no cookies that a foreign page could borrow.
    services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.AllowAnyOrigin().AllowAnyMethod().AllowAnyHeader()
        .WithExposedHeaders("ETag", "Location", "Link", "Retry-After", "X-Request-Id", "Idempotent-Replayed", "RateLimit", "RateLimit-Policy").SetPreflightMaxAge(TimeSpan.FromHours(1))));
    services.AddOpenApi(ApiDocument.Configure);
    // Routing would refuse a body's media type without saying which was sent and which is wanted; what reads the body says it.
    services.Remove(services.Single(service => service.ImplementationType?.Name == "AcceptsMatcherPolicy"));

    var app = builder.Build();
    var settings = app.Services.GetRequiredService<Settings>();
    var schema = app.Services.GetRequiredService<Schema>();
    if (settings.PolicyDirectory is not null)
    {
        _ = app.Services.GetRequiredService<PolicyFiles>().Current;
    }

    schema.Afterwards = async () =>
    {
        var (db, clock) = (app.Services.GetRequiredService<Db>(), app.Services.GetRequiredService<TimeProvider>());
        await NameFill.Run(db, clock);
        if (!settings.DemoData)
        {
            await DemoKeys.End(db, clock);
        }

        if (settings.AdminKey is { } key)
        {
            await FirstAdmin.Ensure(db, clock, key);
        }
    };

    UnreadableRequests.Watch(app.Services);
    if (settings.Proxies.Count > 0)
    {
        app.UseForwardedHeaders(ForwardedBy(settings.Proxies));
    }

    app.UseMiddleware<ProblemWriter>();
    app.UseRouting();
    app.UseCors();
    app.Use((context, next) => schema.IsReady || context.Request.Path.Value is "/" or "/health/live" || context.Request.Path.StartsWithSegments("/problems")
        ? next(context) : throw Problems.DatabaseUnavailable());
    // Not in a branch: the framework would not see it there, and put another in front of everything, problem documents included.
    app.UseAuthentication();
    app.UseRateLimits();
    app.UseAuthorization();
    app.UseContract();

    var root = app.MapGroup("").AnswersHead();
    var api = root.MapGroup(Routes.Base);
    api.MapParties();
    api.MapKeys();
    api.MapDemands();
    api.MapAchievements();
    api.MapMatches();
    api.MapMatchModels();
    api.MapDuplicates();
    api.MapSubscriptions();
    api.MapIntroductions();
    api.MapContracts();
    api.MapPayments();
    api.MapPolicies();
    api.MapClaims();
    api.MapSubsidies();
    api.MapFunds();
    api.MapDossiers();
    api.MapEvents();
    api.MapCodes();
    api.MapImports();
    root.MapHealth(() => [.. schema.Warnings, .. app.Services.GetServices<IHostedService>().OfType<Loop>().SelectMany(loop => loop.Warnings)]);
    root.MapHomePage();
    root.MapProblemPages();
    root.MapApiDocument();
    app.UseWhen(context => context.Request.Path.StartsWithSegments("/swagger"), pages => pages.UseSwaggerUI(page =>
    {
        page.SwaggerEndpoint("/openapi/v1.json", "Marketplace");
        page.RoutePrefix = "swagger";
        page.DocumentTitle = "Marketplace";
    }));
    return app;
}

// Who calls is believed of these alone, however many of them stand behind each other.
static ForwardedHeadersOptions ForwardedBy(IReadOnlyList<System.Net.IPNetwork> proxies)
{
    var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
    options.KnownProxies.Clear();
    options.KnownIPNetworks.Clear();
    foreach (var proxy in proxies)
    {
        options.KnownIPNetworks.Add(proxy);
    }

    return options;
}
