using System.Collections.Concurrent;

namespace Marketplace.Api.Http;

/// <summary>The members that a caller may read but not send: those of the answer type that its input type lacks.</summary>
static class ServerOwned
{
    /// <summary>Written by the server wherever they appear, so that sending one is the same mistake everywhere.</summary>
    static readonly string[] Everywhere =
        ["id", "state", "owner", "version", "createdAt", "updatedAt", "availableActions", "recognisedAmount"];

    static readonly ConcurrentDictionary<Type, IReadOnlySet<string>> Known = new();

    public static IReadOnlySet<string> Of(Type input) => Known.GetOrAdd(input, static input =>
    {
        var answers = typeof(IAnswers<>).MakeGenericType(input);
        var own = Validation.Members(input);
        return input.Assembly.GetTypes()
            .Where(type => !type.IsAbstract && answers.IsAssignableFrom(type))
            .SelectMany(Validation.Members).Concat(Everywhere)
            .Where(name => !own.Contains(name))
            .ToHashSet();
    });
}
