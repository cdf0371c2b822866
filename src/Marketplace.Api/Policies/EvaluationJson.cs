using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>
/// Writes evaluations as <see cref="EvaluationView"/> describes them, straight from what the evaluator answered: every address that
/// answers an evaluation writes it here.
/// </summary>
public static class EvaluationJson
{
    [ThreadStatic]
    static Utf8JsonWriter? _writer;

    [ThreadStatic]
    static ArrayBufferWriter<byte>? _buffer;

    static readonly JsonEncodedText Policy = Name("policy"), Version = Name("version"), Hash = Name("hash"), Awards = Name("awards"), Award = Name("award"),
        Payee = Name("payee"), Outcome = Name("outcome"), Certainty = Name("certainty"), Amount = Name("amount"), Range = Name("range"), Low = Name("low"),
        High = Name("high"), Reasons = Name("reasons"), Code = Name("code"), Clause = Name("clause"), Interpretation = Name("interpretation"),
        Detail = Name("detail"), MissingFacts = Name("missingFacts"), Shares = Name("shares"), Payer = Name("payer"), Steps = Name("steps"), Id = Name("id"),
        Kind = Name("kind"), StepName = Name("name"), Inputs = Name("inputs"), Value = Name("value"), Binding = Name("binding"), Text = Name("text"),
        Readings = Name("readings"), Reading = Name("reading"), Chosen = Name("chosen"), Data = Name("data"), Receipt = Name("receipt"),
        Counterfactuals = Name("counterfactuals"), FixedFacts = Name("fixedFacts");

    /// <summary>Most steps and reasons are about no sum, and so the same for many subjects.</summary>
    static readonly Repeated<TraceStep> Stepped = new(Write, new SameStep());

    static readonly Repeated<Reason> Reasoned = new(Write, EqualityComparer<Reason>.Default);

    static readonly JsonEncodedText[] Payees = Names<Payee>(), Outcomes = Names<Outcome>(), Certainties = Names<Certainty>(), StepKinds = Names<StepKind>();

    /// <summary>For an answer that has an evaluation in it.</summary>
    public static Rendered<EvaluationView> Render(Evaluation evaluation, Language language, Receipt? receipt = null)
    {
        var json = Begin();
        Write(json, evaluation, language, receipt);
        return new(End(json));
    }

    /// <summary>For the answer that is a list of them.</summary>
    public static Rendered<Evaluations> Render(IReadOnlyList<Evaluation> evaluations, Language language)
    {
        var json = Begin();
        json.WriteStartObject();
        json.WriteStartArray(Data);
        foreach (var evaluation in evaluations)
        {
            Write(json, evaluation, language);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return new(End(json));
    }

    /// <summary>For an answer that has a single award in it.</summary>
    public static Rendered<AwardResult> Render(AwardEvaluation award, Language language)
    {
        var json = Begin();
        Write(json, award, language);
        return new(End(json));
    }

    static void Write(Utf8JsonWriter json, Evaluation evaluation, Language language, Receipt? receipt = null)
    {
        json.WriteStartObject();
        json.WriteString(Policy, evaluation.Policy);
        json.WriteString(Version, evaluation.Version);
        json.WriteString(Hash, evaluation.Hash);
        json.WriteStartArray(Awards);
        foreach (var award in evaluation.Awards)
        {
            Write(json, award, language);
        }

        json.WriteEndArray();
        if (receipt is not null)
        {
            json.WritePropertyName(Receipt);
            JsonSerializer.Serialize(json, receipt, Json.Options);
        }

        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, AwardEvaluation award, Language language)
    {
        json.WriteStartObject();
        json.WriteString(Award, award.Award);
        json.WriteString(Payee, Payees[(int)award.Payee]);
        json.WriteString(Outcome, Outcomes[(int)award.Outcome]);
        json.WriteString(Certainty, Certainties[(int)award.Certainty]);
        if (award.Amount is { } amount)
        {
            json.WriteYuan(Amount, amount);
        }
        else
        {
            json.WriteStartObject(Range);
            json.WriteYuan(Low, award.Low);
            if (award.High is { } high)
            {
                json.WriteYuan(High, high);
            }

            json.WriteEndObject();
        }

        json.WriteStartArray(Reasons);
        foreach (var reason in award.Reasons)
        {
            if (reason.Given.Unit == Unit.Fen || reason.Wanted.Unit == Unit.Fen)
            {
                Write(json, reason, language);
            }
            else
            {
                json.WriteRawValue(Reasoned.Written(reason, language), skipInputValidation: true);
            }
        }

        json.WriteEndArray();
        if (award.MissingFacts.Count > 0)
        {
            json.WriteStartArray(MissingFacts);
            foreach (var fact in award.MissingFacts)
            {
                json.WriteStringValue(fact.Wire());
            }

            json.WriteEndArray();
        }

        if (award.Shares.Count > 0)
        {
            json.WriteStartArray(Shares);
            foreach (var share in award.Shares)
            {
                json.WriteStartObject();
                json.WriteString(Payer, share.Payer);
                json.WriteYuan(Amount, share.Amount);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        WriteSteps(json, award.Steps, language);
        WriteReadings(json, award.Readings, language);
        if (award.Counterfactuals is { } answer)
        {
            json.WritePropertyName(Counterfactuals);
            JsonSerializer.Serialize(json, answer.Found.Select(found => CounterfactualView.Of(found, language)), Json.Options);
            json.WritePropertyName(FixedFacts);
            JsonSerializer.Serialize(json, answer.Fixed.Select(fact => fact.Wire()), Json.Options);
        }

        json.WriteEndObject();
    }

    static void WriteSteps(Utf8JsonWriter json, IReadOnlyList<TraceStep> steps, Language language)
    {
        if (steps.Count == 0)
        {
            return;
        }

        json.WriteStartArray(Steps);
        foreach (var step in steps)
        {
            if (step.Value.Unit == Unit.Fen && step.Kind != StepKind.Parameter)
            {
                Write(json, step, language);
            }
            else
            {
                json.WriteRawValue(Stepped.Written(step, language), skipInputValidation: true);
            }
        }

        json.WriteEndArray();
    }

    static void Write(Utf8JsonWriter json, TraceStep step, Language language)
    {
        json.WriteStartObject();
        json.WriteNumber(Id, step.Id);
        json.WriteString(Kind, StepKinds[(int)step.Kind]);
        json.WriteString(StepName, step.Name);
        json.WriteStartArray(Inputs);
        foreach (var input in step.Inputs)
        {
            json.WriteNumberValue(input);
        }

        json.WriteEndArray();
        json.WriteString(Value, step.Value.ToString());
        WriteIfAny(json, Clause, step.Clause);
        json.WriteBoolean(Binding, step.Binding);
        json.WriteString(Text, language == Language.English ? step.TextEn : step.TextZh);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, Reason reason, Language language)
    {
        json.WriteStartObject();
        json.WriteString(Code, reason.Code);
        WriteIfAny(json, Clause, reason.Clause);
        WriteIfAny(json, Interpretation, reason.Interpretation);
        json.WriteString(Detail, language == Language.English ? reason.DetailEn : reason.DetailZh);
        json.WriteEndObject();
    }

    static void WriteReadings(Utf8JsonWriter json, IReadOnlyList<ReadingEvaluation> readings, Language language)
    {
        if (readings.Count == 0)
        {
            return;
        }

        json.WriteStartArray(Readings);
        foreach (var reading in readings)
        {
            json.WriteStartObject();
            json.WriteString(Interpretation, reading.Interpretation);
            json.WriteString(Reading, reading.Reading);
            json.WriteBoolean(Chosen, reading.Chosen);
            if (reading.Award is { } award)
            {
                json.WritePropertyName(Award);
                Write(json, award, language);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static Utf8JsonWriter Begin()
    {
        (_buffer ??= new(16 << 10)).ResetWrittenCount();
        _writer ??= new(_buffer, Json.WriterOptions);
        _writer.Reset(_buffer);
        return _writer;
    }

    static byte[] End(Utf8JsonWriter json)
    {
        json.Flush();
        return _buffer!.WrittenSpan.ToArray();
    }

    static void WriteIfAny(Utf8JsonWriter json, JsonEncodedText name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    static JsonEncodedText Name(string name) => JsonEncodedText.Encode(name, Json.WriterOptions.Encoder);

    static JsonEncodedText[] Names<T>()
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(name => Name(JsonNamingPolicy.CamelCase.ConvertName(name)))];

    /// <summary>What was written once and is copied from then on, for each language.</summary>
    sealed class Repeated<T>(Action<Utf8JsonWriter, T, Language> write, IEqualityComparer<T> same)
        where T : notnull
    {
        /// <summary>More than the policies of a country have; who sends facts to fill it only has it emptied.</summary>
        const int Most = 50_000;

        readonly ConcurrentDictionary<T, byte[]> _chinese = new(same), _english = new(same);

        public byte[] Written(T value, Language language)
        {
            var known = language == Language.English ? _english : _chinese;
            if (known.TryGetValue(value, out var written))
            {
                return written;
            }

            if (known.Count >= Most)
            {
                known.Clear();
            }

            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer, Json.WriterOptions))
            {
                write(json, value, language);
            }

            return known[value] = buffer.WrittenSpan.ToArray();
        }
    }

    /// <summary>A record compares its list of inputs by identity.</summary>
    sealed class SameStep : IEqualityComparer<TraceStep>
    {
        public bool Equals(TraceStep? x, TraceStep? y) =>
            x!.Id == y!.Id && x.Kind == y.Kind && x.Name == y.Name && x.Binding == y.Binding && x.Value == y.Value && x.Clause == y.Clause
            && x.Interpretation == y.Interpretation && x.About == y.About && x.Inputs.SequenceEqual(y.Inputs);

        public int GetHashCode(TraceStep step) => HashCode.Combine(step.Id, step.Kind, step.Name, step.Binding, step.Value.Numerator);
    }
}
