using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Marketplace.Api.Tests;

/// <summary>
/// A file of requests as VS Code's REST Client and Visual Studio read it, in the subset that our files keep to: <c>### title</c> before each
/// request, <c>@variable = value</c>, <c>{{variable}}</c>, <c>{{$timestamp}}</c>, <c># @name x</c> and
/// <c>{{x.response.body.$.path}}</c> or <c>{{x.response.headers.Name}}</c>. <c># expect 201</c> is a comment to those tools and the law here.
/// </summary>
public sealed partial class HttpFile
{
    /// <param name="Line">Where its title stands.</param>
    /// <param name="Name">By which later requests read its answer.</param>
    public sealed record Request(
        int Line, string Title, string? Name, int? Expected, string Method, string Address, IReadOnlyList<(string Name, string Value)> Headers, string? Body);

    readonly Dictionary<string, string> _variables = [];
    readonly List<Request> _requests = [];

    HttpFile(string name) => Name = name;

    public string Name { get; }

    public IReadOnlyList<Request> Requests => _requests;

    public IEnumerable<string> Variables => _variables.Keys;

    public static IEnumerable<HttpFile> InExamples([CallerFilePath] string here = "") =>
        Directory.GetFiles(Path.Combine(Path.GetDirectoryName(here)!, "../../api-specs/examples"), "*.http").Order(StringComparer.Ordinal).Select(Read);

    public static HttpFile Read(string path)
    {
        var file = new HttpFile(Path.GetFileName(path));
        var lines = File.ReadAllLines(path);
        var starts = Enumerable.Range(0, lines.Length).Where(i => lines[i].StartsWith("###", StringComparison.Ordinal)).Append(lines.Length).ToList();
        foreach (var line in lines[..starts[0]].Where(line => line.Length > 0 && line[0] != '#'))
        {
            var variable = VariableLine().Match(line);
            Assert.That(variable.Success, Is.True, $"{file.Name}: neither a comment nor a variable: {line}");
            file._variables[variable.Groups[1].Value] = variable.Groups[2].Value;
        }

        foreach (var (start, end) in starts.Zip(starts.Skip(1)))
        {
            file._requests.Add(ReadRequest(lines[start..end], start + 1));
        }

        return file;
    }

    /// <summary>Sends the requests in order and answers each with its response; the caller disposes it.</summary>
    /// <param name="client">Without a key of its own.</param>
    /// <param name="given">Values that stand above the file's own.</param>
    public async IAsyncEnumerable<(Request Request, HttpResponseMessage Response, string Body)> Run(
        HttpClient client, IReadOnlyDictionary<string, string> given)
    {
        var answers = new Dictionary<string, (HttpResponseMessage Response, string Body)>();
        foreach (var request in _requests)
        {
            using var message = new HttpRequestMessage(new(request.Method), new Uri(Fill(request.Address)));
            message.Content = request.Body is null ? null : new StringContent(Fill(request.Body), new UTF8Encoding(false));
            foreach (var (name, value) in request.Headers)
            {
                if (name == "Content-Type")
                {
                    message.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
                }
                else
                {
                    Assert.That(message.Headers.TryAddWithoutValidation(name, Fill(value)), Is.True, $"{Name}:{request.Line}: {name}");
                }
            }

            var response = await client.SendAsync(message);
            var body = await response.Content.ReadAsStringAsync();
            if (request.Name is not null)
            {
                answers[request.Name] = (response, body);
            }

            yield return (request, response, body);

            string Fill(string text) => Reference().Replace(text, match => Fill(Value(match.Groups[1].Value, request)));
        }

        string Value(string reference, Request request)
        {
            if (reference == "$timestamp")
            {
                return Timestamp().ToString(CultureInfo.InvariantCulture);
            }

            var parts = reference.Split('.', 4);
            if (parts is [var name, "response", var part, var path] && answers.TryGetValue(name, out var answer))
            {
                return part == "headers" ? string.Join(", ", answer.Response.Headers.GetValues(path)) : Select(answer.Body, path);
            }

            return given.TryGetValue(reference, out var value) || _variables.TryGetValue(reference, out value) ? value
                : throw new AssertionException($"{Name}:{request.Line}: nothing is called {reference}.");
        }
    }

    static Request ReadRequest(string[] lines, int start)
    {
        var (name, expected) = ((string?)null, (int?)null);
        var i = 1;
        for (; lines[i].Length == 0 || lines[i][0] == '#'; i++)
        {
            name = NameLine().Match(lines[i]) is { Success: true } named ? named.Groups[1].Value : name;
            expected = ExpectLine().Match(lines[i]) is { Success: true } stated ? int.Parse(stated.Groups[1].Value, CultureInfo.InvariantCulture) : expected;
        }

        var (method, address) = (lines[i].Split(' ')[0], lines[i].Split(' ', 2)[1]);
        var headers = new List<(string, string)>();
        for (i++; i < lines.Length && lines[i].Length > 0; i++)
        {
            headers.Add((lines[i].Split(':')[0], lines[i].Split(':', 2)[1].Trim()));
        }

        var body = string.Join('\n', lines[i..]).Trim();
        return new(start, lines[0][3..].Trim(), name, expected, method, address, headers, body.Length == 0 ? null : body);
    }

    /// <summary>Members and places in arrays: <c>$.data[0].id</c>.</summary>
    static string Select(string body, string path)
    {
        var found = JsonDocument.Parse(body).RootElement;
        foreach (Match step in PathStep().Matches(path))
        {
            found = step.Groups[1].Success ? found.GetProperty(step.Groups[1].Value)
                : found[int.Parse(step.Groups[2].Value, CultureInfo.InvariantCulture)];
        }

        return found.ToString();
    }

    static long _lastTimestamp;

    /// <summary>Seconds, as in the tools; never the same twice, as for somebody who clicks.</summary>
    static long Timestamp()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        long last;
        do
        {
            last = Interlocked.Read(ref _lastTimestamp);
        }
        while (Interlocked.CompareExchange(ref _lastTimestamp, Math.Max(now, last + 1), last) != last);
        return Math.Max(now, last + 1);
    }

    [GeneratedRegex(@"^@(\w+)\s*=\s*(.+)$")]
    private static partial Regex VariableLine();

    [GeneratedRegex(@"^# @name (\w+)$")]
    private static partial Regex NameLine();

    [GeneratedRegex(@"^# expect (\d{3})$")]
    private static partial Regex ExpectLine();

    [GeneratedRegex(@"\{\{\s*([^}\s]+)\s*\}\}")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\.(\w+)|\[(\d+)\]")]
    private static partial Regex PathStep();
}
