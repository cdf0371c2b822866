using System.Buffers;
using System.Text.Json;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>
/// Answers plain lines of a batch with sums alone, straight from the line's bytes to the answer's; a test holds it together with the
/// ordinary way, which answers all other lines. Not for use by two threads at once.
/// </summary>
sealed class BatchSums(PolicyCatalogue catalogue)
{
    static readonly JsonEncodedText Line = Name("line"), Id = Name("id"), Awards = Name("awards"), Award = Name("award"), Outcome = Name("outcome"),
        Amount = Name("amount"), Range = Name("range"), Low = Name("low"), High = Name("high");

    static readonly JsonEncodedText[] Outcomes = [.. Enum.GetNames<Outcome>().Select(name => Name(JsonNamingPolicy.CamelCase.ConvertName(name)))];

    readonly PlainLine _line = new();
    readonly Dictionary<string, Policy[]> _versions = [];
    readonly Dictionary<Policy, BulkEvaluator> _evaluators = new(ReferenceEqualityComparer.Instance);
    Utf8JsonWriter? _json;

    /// <returns>False where it takes the ordinary way to tell; nothing has been written then.</returns>
    public bool TryAnswer(JsonLine line, IBufferWriter<byte> answers)
    {
        if (line.Fault is not null || !_line.TryRead(line.Json.Span) || Governing() is not { } policy)
        {
            return false;
        }

        if (!_evaluators.TryGetValue(policy, out var evaluator))
        {
            _evaluators.Add(policy, evaluator = new(policy));
        }

        ReadOnlySpan<AwardAmount> awards;
        try
        {
            awards = evaluator.Evaluate(_line.Facts, _line.History);
        }
        catch (OverflowException)
        {
            return false;
        }

        var json = _json ??= new(answers, Json.WriterOptions);
        json.Reset(answers);
        json.WriteStartObject();
        json.WriteNumber(Line, line.Number);
        if (_line.Id is { } id)
        {
            json.WriteString(Id, id);
        }

        json.WriteStartArray(Awards);
        foreach (ref readonly var award in awards)
        {
            Write(json, award);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        answers.Write("\n"u8);
        return true;
    }

    /// <summary>Null where there is no such policy.</summary>
    Policy? Governing()
    {
        if (!_versions.TryGetValue(_line.Policy, out var versions))
        {
            versions = [.. catalogue.All.Where(policy => policy.Id == _line.Policy)];
            if (versions.Length > 0)
            {
                // Only what there is, so that made-up names fill nothing.
                _versions.Add(_line.Policy, versions);
            }
        }

        return versions switch
        {
            [] => null,
            [var one] => one,
            _ => catalogue.Find(_line.Policy, _line.Facts.Day(Fact.RecognisedOn)),
        };
    }

    static void Write(Utf8JsonWriter json, in AwardAmount award)
    {
        json.WriteStartObject();
        json.WriteString(Award, award.Award.Id);
        json.WriteString(Outcome, Outcomes[(int)award.Outcome]);
        if (award.Outcome is Rules.Outcome.Granted or Rules.Outcome.Refused)
        {
            json.WriteYuan(Amount, new(award.Low));
        }
        else
        {
            json.WriteStartObject(Range);
            json.WriteYuan(Low, new(award.Low));
            if (award.High != long.MaxValue)
            {
                json.WriteYuan(High, new(award.High));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    static JsonEncodedText Name(string name) => JsonEncodedText.Encode(name, Json.WriterOptions.Encoder);
}
