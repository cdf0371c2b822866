using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

// 批量测算: one contract a line, each evaluated by itself; a grant of one line is no history of another, unless the line says so.

/// <summary>One line of a batch.</summary>
public sealed record BatchLine : EvaluationRequest
{
    /// <summary>The caller's own name for the line; the answer repeats it.</summary>
    [StringLength(200)]
    public string? Id { get; init; }
}

/// <summary>The answer to one line: its evaluation or its sums, or everything that is wrong with it.</summary>
public sealed record BatchAnswer
{
    /// <summary>In what was sent, from 1.</summary>
    public required long Line { get; init; }

    public string? Id { get; init; }
    public Rendered<EvaluationView>? Evaluation { get; init; }

    /// <summary>In place of the evaluation, where sums alone were asked for: each award about the subject, in the policy's order.</summary>
    public IReadOnlyList<AwardSum>? Awards { get; init; }

    public IReadOnlyList<LineFault>? Errors { get; init; }

    /// <summary>True where there are more faults than the 100 in errors.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ErrorsTruncated { get; init; }
}

/// <summary>What an award comes to, without the reasons.</summary>
public sealed record AwardSum
{
    public required string Award { get; init; }
    public required Outcome Outcome { get; init; }

    /// <summary>Exact when granted, 0 when refused, absent while facts or a decision are missing.</summary>
    public Fen? Amount { get; init; }

    /// <summary>What it can come to, where there is no amount.</summary>
    public AmountRange? Range { get; init; }

    internal static AwardSum Of(AwardEvaluation award) => new()
    {
        Award = award.Award, Outcome = award.Outcome, Amount = award.Amount, Range = award.Amount is null ? new() { Low = award.Low, High = award.High } : null,
    };
}

/// <summary>Answers a stream of lines while it is still being sent, holding a block of them at a time.</summary>
sealed class Batch(PolicyCatalogue catalogue, BatchQuery query, Language language)
{
    /// <summary>Answers are handed on in pieces of about this size, or when no further line is there yet.</summary>
    const int Piece = 64 << 10;

    readonly ArrayBufferWriter<byte> _answers = new(2 * Piece);
    readonly EvaluationOptions _options = query.Options;
    readonly BatchSums? _sums = query.Detail == BatchQuery.Sums ? new(catalogue) : null;

    public async Task Run(HttpContext http)
    {
        var aborted = http.RequestAborted;
        Ndjson.Begin(http);
        using var spool = new Spool();
        var sending = spool.SendTo(http.Response.Body, aborted);
        try
        {
            await using var lines = Ndjson.Lines(http.Request.Body, Charset.Utf8(), aborted).GetAsyncEnumerator(aborted);
            while (true)
            {
                var next = lines.MoveNextAsync();
                if (_answers.WrittenCount > (next.IsCompleted ? Piece : 0))
                {
                    await spool.Append(_answers.WrittenMemory, aborted);
                    _answers.ResetWrittenCount();
                }

                if (!await next)
                {
                    break;
                }

                Answer(lines.Current);
            }

            await spool.Append(_answers.WrittenMemory, aborted);
        }
        finally
        {
            spool.Complete();
            await sending;
        }
    }

    void Answer(JsonLine line)
    {
        if (_sums?.TryAnswer(line, _answers) == true)
        {
            return;
        }

        var faults = new List<Fault>();
        using var document = line.Parse(out var fault);
        var asked = document is null ? null : Validation.Read<BatchLine>(document.RootElement, faults);
        faults.AddRange(fault is not null ? [fault] : asked?.Check() ?? []);
        var policy = asked is null ? null : catalogue.Find(asked.Policy, asked.Facts.RecognisedOn);
        if (asked is not null && policy is null)
        {
            faults.Add(asked.UnknownPolicy);
        }

        faults.AddRange(policy is null ? [] : asked!.UnknownAwards([policy]).Take(Validation.MostFaults + 1));

        // Of a line with faults the id is shown as far as it is one.
        var id = asked is not null ? asked.Id
            : document is not null && !faults.Exists(fault => fault.Place == "/id") && document.RootElement.TryGetProperty("id", out var sent) ? sent.GetString() : null;
        Evaluation? evaluation = null;
        try
        {
            evaluation = faults.Count > 0 ? null : Evaluator.Evaluate(policy!, asked!.Facts, asked.Grants, _options);
        }
        catch (OverflowException)
        {
            faults.Add(EvaluationRequest.TooLarge);
        }

        var answer = new BatchAnswer
        {
            Line = line.Number, Id = id,
            Evaluation = evaluation is null || _sums is not null ? null : EvaluationJson.Render(evaluation, language),
            Awards = evaluation is null || _sums is null ? null : [.. evaluation.Awards.Select(AwardSum.Of)],
            Errors = faults.Count == 0 ? null : LineFault.First(faults, language), ErrorsTruncated = LineFault.AreMore(faults),
        };
        using (var json = new Utf8JsonWriter(_answers, Json.WriterOptions))
        {
            JsonSerializer.Serialize(json, answer, Json.Options);
        }

        _answers.Write("\n"u8);
    }
}
