using System.Buffers.Text;
using System.Text.Json;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>
/// Reads a <see cref="BatchLine"/> straight into the slots of the evaluator, without the document and the objects between. It takes lines
/// in which everything is in order; whatever is out of the ordinary it leaves to <see cref="Validation"/>, which says what is wrong where
/// something is. One instance reads line after line.
/// </summary>
sealed class PlainLine
{
    const long LargestSum = 9_999_999_999_999_999;

    /// <summary>Members of facts by the length and ends of their names, so that few names are compared.</summary>
    static readonly (byte[] Name, Fact Fact)[][] Members = Index();

    static readonly byte[][] Kinds = [.. FactNames.Kinds.Select(kind => Utf8(kind.Wire()))];
    static readonly byte[][] Entities = [.. FactNames.Entities.Select(entity => Utf8(entity.Wire()))];
    static readonly byte[][] Subjects = [.. FactNames.Subjects.Select(subject => Utf8(subject.Wire()))];

    readonly List<Grant> _history = [];

    public string? Id { get; private set; }

    /// <summary>As it was sent; the same text as in the line before is not made again.</summary>
    public string Policy { get; private set; } = "";

    public FactValues Facts { get; } = new();

    public IReadOnlyList<Grant> History => _history;

    /// <returns>False where the line is not plain; what was read of it means nothing then.</returns>
    public bool TryRead(ReadOnlySpan<byte> json)
    {
        var (hasPolicy, hasFacts, hasHistory) = (false, false, false);
        Id = null;
        Facts.Clear();
        _history.Clear();
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                var isRead =
                    name.SequenceEqual("facts"u8) ? !hasFacts && (hasFacts = true) && TryFacts(ref reader)
                    : name.SequenceEqual("policy"u8) ? !hasPolicy && (hasPolicy = true) && TryPolicy(ref reader)
                    : name.SequenceEqual("id"u8) ? Id is null && TryText(ref reader, 0, 200, out var id) && (Id = id) is not null
                    : name.SequenceEqual("history"u8) && !hasHistory && (hasHistory = true) && TryHistory(ref reader);
                if (!isRead)
                {
                    return false;
                }
            }

            // What follows the object is a fault.
            return hasPolicy && hasFacts && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    bool TryPolicy(ref Utf8JsonReader reader)
    {
        if (reader.Read() && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(Policy) && Policy.Length > 0)
        {
            return true;
        }

        if (reader.TokenType != JsonTokenType.String || !TryText(ref reader, 1, 100, out var policy, isRead: true))
        {
            return false;
        }

        Policy = policy;
        return true;
    }

    bool TryFacts(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        // What the ordinary way refuses as contradicting each other is not plain.
        long? amount = null, technology = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Find(reader.ValueSpan) is not { } fact || Facts.Has(fact) || !reader.Read())
            {
                return false;
            }

            if (fact is Fact.Amount && TryMoney(reader, out var sum))
            {
                amount = sum;
            }
            else if (fact is Fact.TechnologyAmount && TryMoney(reader, out var part))
            {
                technology = part;
            }

            if (!TryFact(ref reader, fact))
            {
                return false;
            }
        }

        return reader.TokenType == JsonTokenType.EndObject && !(technology > amount)
            && !(Facts.Day(Fact.RecognisedOn) is { } recognised && Facts.Day(Fact.SignedOn) is { } signed && recognised < signed);
    }

    bool TryFact(ref Utf8JsonReader reader, Fact fact)
    {
        long number;
        switch (fact.Type())
        {
            case FactType.Money when TryMoney(reader, out number):
            case FactType.Count when reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out number) && number is >= 0 and <= 1_000_000_000:
            case FactType.Date when TryDay(reader, out var day) && (number = day.DayNumber) >= 0:
            case FactType.Region when TryRegion(reader, out number):
            case FactType.Kind when TryCode(reader, Kinds, out number):
            case FactType.Entity when TryCode(reader, Entities, out number):
            case FactType.Subject when TryCode(reader, Subjects, out number):
                Facts.Set(fact, number);
                return true;
            case FactType.Flag when reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                Facts.Set(fact, reader.TokenType == JsonTokenType.True ? 1 : 0);
                return true;
            case FactType.Word or FactType.Identity when TryText(ref reader, 0, int.MaxValue, out var word, isRead: true):
                Facts.Set(fact, word);
                return true;
            case FactType.Finding:
                return TryFindings(ref reader);
            default:
                return false;
        }
    }

    bool TryFindings(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        var findings = new List<Finding>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            string? name = null;
            bool? holds = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isRead =
                    reader.ValueSpan.SequenceEqual("name"u8) ? name is null && TryText(ref reader, 0, int.MaxValue, out name)
                    : reader.ValueSpan.SequenceEqual("holds"u8) && holds is null && reader.Read() && TryFlag(reader, out holds);
                if (!isRead)
                {
                    return false;
                }
            }

            if (name is null || holds is null || reader.TokenType != JsonTokenType.EndObject)
            {
                return false;
            }

            findings.Add(new(name, holds.Value));
        }

        Facts.Set(findings);
        return reader.TokenType == JsonTokenType.EndArray;
    }

    static bool TryFlag(in Utf8JsonReader reader, out bool? flag)
    {
        flag = reader.TokenType switch { JsonTokenType.True => true, JsonTokenType.False => false, _ => null };
        return flag is not null;
    }

    bool TryHistory(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            if (_history.Count == 10_000 || !TryGrant(ref reader, out var grant))
            {
                return false;
            }

            _history.Add(grant.ToGrant());
        }

        return reader.TokenType == JsonTokenType.EndArray;
    }

    static bool TryGrant(ref Utf8JsonReader reader, out EarlierGrant grant)
    {
        grant = null!;
        string? award = null, project = null, contract = null, achievement = null, party = null, office = null;
        DateOnly? on = null;
        long? amount = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var isRead =
                name.SequenceEqual("award"u8) ? award is null && TryText(ref reader, 1, 100, out award)
                : name.SequenceEqual("amount"u8) ? amount is null && reader.Read() && TryMoney(reader, out var sum) && (amount = sum) is not null
                : name.SequenceEqual("project"u8) ? project is null && TryText(ref reader, 0, int.MaxValue, out project)
                : name.SequenceEqual("contract"u8) ? contract is null && TryText(ref reader, 0, int.MaxValue, out contract)
                : name.SequenceEqual("party"u8) ? party is null && TryText(ref reader, 0, int.MaxValue, out party)
                : name.SequenceEqual("on"u8) ? on is null && reader.Read() && TryDay(reader, out var day) && (on = day) is not null
                : name.SequenceEqual("achievement"u8) ? achievement is null && TryText(ref reader, 0, int.MaxValue, out achievement)
                : name.SequenceEqual("office"u8) && office is null && TryText(ref reader, 0, int.MaxValue, out office);
            if (!isRead)
            {
                return false;
            }
        }

        if (award is null || amount is null || reader.TokenType != JsonTokenType.EndObject)
        {
            return false;
        }

        grant = new()
        {
            Award = award, Amount = new Fen(amount.Value), Project = project, Contract = contract, Achievement = achievement, Party = party, Office = office, On = on,
        };
        return true;
    }

    /// <summary>Digits with at most two decimals, in fen.</summary>
    static bool TryMoney(in Utf8JsonReader reader, out long fen)
    {
        fen = 0;
        if (reader.TokenType != JsonTokenType.Number || reader.ValueSpan.Length > 17)
        {
            return false;
        }

        var decimals = -1;
        foreach (var digit in reader.ValueSpan)
        {
            if (digit == '.')
            {
                decimals = 0;
                continue;
            }

            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            fen = (fen * 10) + (digit - '0');
            decimals += decimals >= 0 ? 1 : 0;
        }

        if (decimals > 2 || fen > LargestSum)
        {
            return false;
        }

        fen *= decimals switch { -1 or 0 => 100, 1 => 10, _ => 1 };
        return fen <= LargestSum;
    }

    static bool TryDay(in Utf8JsonReader reader, out DateOnly day)
    {
        day = default;
        var text = reader.ValueSpan;
        if (reader.TokenType != JsonTokenType.String || text.Length != 10 || text[4] != '-' || text[7] != '-'
            || Digits(text[..4]) is not (>= 1 and var year) || Digits(text[5..7]) is not (>= 1 and <= 12 and var month)
            || Digits(text[8..]) is not (>= 1 and var date) || date > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        day = new(year, month, date);
        return true;
    }

    static bool TryRegion(in Utf8JsonReader reader, out long region)
    {
        region = reader.ValueSpan.Length == 6 ? Digits(reader.ValueSpan) : -1;
        return reader.TokenType == JsonTokenType.String && Region.CanBe(region);
    }

    static bool TryCode(in Utf8JsonReader reader, byte[][] codes, out long code)
    {
        for (code = 0; code < codes.Length && reader.TokenType == JsonTokenType.String; code++)
        {
            if (reader.ValueSpan.SequenceEqual(codes[code]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A text without escapes in which nothing is wrong.</summary>
    static bool TryText(ref Utf8JsonReader reader, int least, int most, out string text, bool isRead = false)
    {
        text = "";
        if (!(isRead || reader.Read()) || reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped)
        {
            return false;
        }

        text = reader.GetString()!;
        if (TextRule.Fault(text) is not null)
        {
            return false;
        }

        text = Json.Normal(text);
        return text.Length >= least && text.Length <= most;
    }

    /// <summary>-1 where one is no digit.</summary>
    static int Digits(ReadOnlySpan<byte> text) =>
        text.ContainsAnyExceptInRange((byte)'0', (byte)'9') || !Utf8Parser.TryParse(text, out int number, out _) ? -1 : number;

    static Fact? Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            return null;
        }

        foreach (var (known, fact) in Members[Place(name)])
        {
            if (name.SequenceEqual(known))
            {
                return fact;
            }
        }

        return null;
    }

    static int Place(ReadOnlySpan<byte> name) => ((name.Length * 7) + name[0] + (name[^1] * 3)) & 127;

    static (byte[] Name, Fact Fact)[][] Index()
    {
        var places = Enumerable.Range(0, 128).Select(_ => new List<(byte[], Fact)>()).ToArray();
        foreach (var fact in FactNames.All)
        {
            var name = Utf8(fact.Wire());
            places[Place(name)].Add((name, fact));
        }

        return [.. places.Select(place => place.ToArray())];
    }

    static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
