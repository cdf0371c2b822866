namespace Marketplace.Rules.Tests;

public sealed class XiningAwardsTests
{
    [TestCase("2000000", "60000.00", "20000.00")]
    [TestCase("3333333.33", "99999.99", "33333.33")]
    [TestCase("3333333.34", "100000.00", "33333.33")]
    [TestCase("4999999.99", "100000.00", "49999.99")]
    [TestCase("5000000", "100000.00", "50000.00")]
    [TestCase("8000000", "100000.00", "50000.00")]
    [TestCase("0.33", "0.00", "0.00")]
    [TestCase("0.34", "0.01", "0.00")]
    [TestCase("99999999999999.99", "100000.00", "50000.00")]
    public void Buyer_and_broker_are_granted_what_the_measures_say(string technologyAmount, string buyer, string broker)
    {
        var facts = Xining.Of(technologyAmount);
        Assert.Multiple(() =>
        {
            Assert.That(Xining.Evaluate("buyer", facts).Outcome, Is.EqualTo(Outcome.Granted));
            Assert.That(Xining.Evaluate("buyer", facts).Amount.ToString(), Is.EqualTo(buyer));
            Assert.That(Xining.Evaluate("broker", facts).Amount.ToString(), Is.EqualTo(broker));
        });
    }

    [Test]
    public void A_bare_set_of_facts_grants_both_awards_and_names_what_was_assumed()
    {
        var facts = new Facts
        {
            Kind = ContractKind.Transfer,
            TechnologyAmount = Fen.FromYuan(3_000_000),
            Recognised = true,
            RecognisedOn = new DateOnly(2021, 3, 1),
            Brokered = true,
        };
        var buyer = Xining.Evaluate("buyer", facts);
        var broker = Xining.Evaluate("broker", facts);
        Assert.Multiple(() =>
        {
            Assert.That(buyer.Amount, Is.EqualTo(Fen.FromYuan(90_000)));
            Assert.That(buyer.Codes(), Is.EqualTo(new[] { "granted.rate", "assumed.relatedParties", "assumed.buyerRegion" }));
            Assert.That(broker.Amount, Is.EqualTo(Fen.FromYuan(30_000)));
            Assert.That(broker.Certainty, Is.EqualTo(Certainty.Provisional));
        });
    }

    [Test]
    public void The_contract_amount_stands_in_for_a_technology_amount_that_is_not_stated()
    {
        var buyer = Xining.Evaluate("buyer", Xining.Eligible with { TechnologyAmount = null, Amount = Fen.FromYuan(1_000_000) });
        Assert.That(buyer.Amount, Is.EqualTo(Fen.FromYuan(30_000)));
        Assert.That(buyer.Codes(), Does.Contain("assumed.technologyAmount"));
    }

    [TestCase(ContractKind.Development, true)]
    [TestCase(ContractKind.Transfer, true)]
    [TestCase(ContractKind.Licence, true)]
    [TestCase(ContractKind.Consulting, false)]
    [TestCase(ContractKind.Service, false)]
    public void Development_and_transfer_count_and_licence_counts_as_transfer(ContractKind kind, bool granted)
    {
        var facts = Xining.Eligible with { Kind = kind };
        foreach (var award in new[] { "buyer", "broker", "major" })
        {
            var answer = Xining.Evaluate(award, facts);
            Assert.That(answer.Outcome != Outcome.Refused, Is.EqualTo(granted), award);
            Assert.That(answer.Codes().Contains("refused.kind"), Is.EqualTo(!granted), award);
        }
    }

    [Test]
    public void Without_a_broker_only_the_broker_goes_empty()
    {
        var facts = Xining.Eligible with { Brokered = false };
        Assert.That(Xining.Evaluate("broker", facts).Codes(), Is.EqualTo(new[] { "refused.notBrokered" }));
        Assert.That(Xining.Evaluate("buyer", facts).Outcome, Is.EqualTo(Outcome.Granted));
    }

    [Test]
    public void Every_refusing_condition_is_named_with_its_clause()
    {
        var facts = Xining.Eligible with { Kind = ContractKind.Service, Recognised = false, RelatedParties = true, BuyerRegion = "110108" };
        var reasons = Xining.Evaluate("buyer", facts).Reasons;
        Assert.That(reasons.Select(r => (r.Code, r.Clause, r.Interpretation)), Is.EqualTo(new[]
        {
            ("refused.kind", "kinds", "licence"), ("refused.notRecognised", "kinds", null),
            ("refused.relatedParties", null, "related-parties"), ("refused.region", null, "buyer-seat"),
        }));
    }

    [TestCase("2020-08-18", "refused.beforeInForce")]
    [TestCase("2020-08-19", "granted.rate")]
    [TestCase("2035-01-01", "granted.rate")]
    public void The_measures_govern_from_their_first_day(string recognisedOn, string code)
    {
        var facts = Xining.Eligible with { RecognisedOn = DateOnly.ParseExact(recognisedOn, "yyyy-MM-dd") };
        Assert.That(Xining.Evaluate("buyer", facts).Codes()[0], Is.EqualTo(code));
    }

    [Test]
    public void A_policy_with_an_end_governs_on_its_last_day_and_not_after()
    {
        var policy = Xining.Load(Xining.Yaml
            .Replace("from: 2020-08-19, cite: [end, page]", "from: 2020-08-19, to: 2021-03-01, cite: [end, page]")
            .Replace("创建时间:2020-08-19", "2020-08-19至2021年3月1日"));
        string[] On(DateOnly day) => Evaluator.Evaluate(policy, Xining.Eligible with { RecognisedOn = day }, []).Awards[0].Codes();
        Assert.That(On(new DateOnly(2021, 3, 1))[0], Is.EqualTo("granted.rate"));
        Assert.That(On(new DateOnly(2021, 3, 2)), Is.EqualTo(new[] { "refused.expired" }));
    }

    [Test]
    public void Earlier_grants_of_the_project_limit_the_broker()
    {
        var broker = Xining.Evaluate("broker", Xining.Eligible, new Grant("broker", Fen.FromYuan(45_000)) { Project = "P1", Contract = "C0" });
        Assert.That(broker.Amount, Is.EqualTo(Fen.FromYuan(5_000)));
        Assert.That(broker.Codes(), Is.EqualTo(new[] { "granted.rate", "limited.history" }));
        Assert.That(broker.Reasons[1].Clause, Is.EqualTo("broker"));
    }

    [Test]
    public void A_used_up_cap_refuses_the_award()
    {
        var broker = Xining.Evaluate("broker", Xining.Eligible,
            new Grant("broker", Fen.FromYuan(30_000)) { Project = "P1" }, new Grant("broker", Fen.FromYuan(20_000)) { Project = "P1" });
        Assert.That((broker.Outcome, broker.Amount), Is.EqualTo((Outcome.Refused, (Fen?)Fen.Zero)));
        Assert.That(broker.Codes(), Is.EqualTo(new[] { "limited.history" }));
    }

    [Test]
    public void Other_projects_other_awards_and_other_contracts_do_not_limit()
    {
        Grant[] history =
        [
            new("broker", Fen.FromYuan(50_000)) { Project = "P2", Contract = "C9" },
            new("buyer", Fen.FromYuan(100_000)) { Project = "P1", Contract = "C0" },
        ];
        Assert.That(Xining.Evaluate("broker", Xining.Eligible, history).Amount, Is.EqualTo(Fen.FromYuan(30_000)));
        Assert.That(Xining.Evaluate("buyer", Xining.Eligible, history).Amount, Is.EqualTo(Fen.FromYuan(90_000)));
    }

    [Test]
    public void A_contract_without_a_project_counts_with_those_of_the_same_two_parties()
    {
        var alone = Xining.Eligible with { Project = null, Buyer = "B1", Seller = "S1" };
        var grant = new Grant("broker", Fen.FromYuan(50_000)) { Project = "P1", Contract = "C0", Buyer = "B1", Seller = "S1", On = new(2020, 9, 1) };
        Assert.That(Xining.Evaluate("broker", alone, grant).Codes(), Is.EqualTo(new[] { "limited.history", "assumed.project" }));
        Assert.That(Xining.Evaluate("broker", alone, grant with { Seller = "S2" }).Amount, Is.EqualTo(Fen.FromYuan(30_000)));
        Assert.That(Xining.Evaluate("broker", alone, new Grant("broker", Fen.FromYuan(50_000)) { Contract = "C1" }).Codes(), Is.EqualTo(new[] { "limited.history" }));
    }

    [Test]
    public void The_broker_of_a_project_is_paid_once_however_the_project_is_written()
    {
        foreach (var spelling in new[] { "p1", "P1 ", "Ｐ１", "“P1”", "P\u200b1" })
            Assert.That(Xining.Evaluate("broker", Xining.Eligible with { Project = spelling, Contract = "C2" },
                new Grant("broker", Fen.FromYuan(50_000)) { Project = "P1", Contract = "C1" }).Codes(), Is.EqualTo(new[] { "limited.history" }), spelling);
    }

    [Test]
    public void What_is_unknown_of_the_major_project_does_not_open_the_rate()
    {
        var buyer = Xining.Evaluate("buyer", Xining.Eligible with { Kind = null });
        Assert.That(buyer.Outcome, Is.EqualTo(Outcome.Open));
        Assert.That(buyer.MissingFacts, Is.EqualTo(new[] { Fact.Kind }));
    }

    [Test]
    public void A_title_is_rewarded_once_and_each_title_by_itself()
    {
        var facts = new Facts { Subject = Subject.Enterprise, Title = "高新技术企业", Recognised = true, RecognisedOn = new(2024, 3, 1), Applicant = "E1" };
        var paid = new Grant("enterprise", Fen.FromYuan(300_000)) { Party = "E1", Title = "高新技术企业", On = new(2021, 3, 1) };
        Assert.That(Xining.Evaluate("enterprise", facts, paid).Codes(), Is.EqualTo(new[] { "limited.paidBefore" }));
        Assert.That(Xining.Evaluate("enterprise", facts with { Title = "“瞪羚”企业" }, paid).Amount, Is.EqualTo(Fen.FromYuan(500_000)));
    }

    [Test]
    public void A_grant_that_names_nothing_counts_and_is_reported()
    {
        var broker = Xining.Evaluate("broker", Xining.Eligible, new Grant("broker", Fen.FromYuan(45_000)));
        Assert.That(broker.Amount, Is.EqualTo(Fen.FromYuan(5_000)));
        Assert.That(broker.Codes(), Does.Contain("assumed.history"));
    }

    [Test]
    public void A_major_project_needs_a_decision_within_the_range()
    {
        var major = Xining.Evaluate("major", Xining.Eligible);
        Assert.Multiple(() =>
        {
            Assert.That(major.Outcome, Is.EqualTo(Outcome.NeedsDecision));
            Assert.That(major.Amount, Is.Null);
            Assert.That((major.Low, major.High), Is.EqualTo((Fen.Zero, (Fen?)Fen.FromYuan(1_000_000))));
            Assert.That(major.Decision, Is.EqualTo(new DecisionRange(Fen.FromYuan(500_000), Fen.FromYuan(1_000_000))));
            Assert.That(major.Reasons.Select(r => (r.Code, r.Given.Text)).Skip(1), Is.EqualTo(new[]
            {
                ("open.assessment", "majorProject"), ("open.assessment", "dealCompleted"), ("open.assessment", "remarkableEffect"),
            }));
            Assert.That(major.Codes()[0], Is.EqualTo("open.caseDecision"));
            Assert.That(major.Payee, Is.EqualTo(Payee.Buyer));
        });
    }

    [Test]
    public void City_and_park_share_each_grant_and_the_odd_fen_is_the_parks()
    {
        var buyer = Xining.Evaluate("buyer", Xining.Of("3333333.33"));
        Assert.That(buyer.Shares, Is.EqualTo(new[] { new Share("city", new Fen(4_999_999)), new Share("park", new Fen(5_000_000)) }));
        Assert.That(Xining.Evaluate("major", Xining.Eligible).Shares, Is.Empty);
    }

    [Test]
    public void The_other_readings_are_on_offer()
    {
        var facts = Xining.Eligible with { Kind = ContractKind.Licence, Amount = Fen.FromYuan(2_000_000), Paid = Fen.FromYuan(1_000_000) };
        var buyer = Evaluator.Evaluate(Xining.Policy, facts, [], new EvaluationOptions { AllReadings = true }).Awards[0];
        string Under(string interpretation, string reading) =>
            buyer.Readings.Single(r => r.Interpretation == interpretation && r.Reading == reading).Award!.Amount.ToString()!;
        Assert.Multiple(() =>
        {
            Assert.That(Under("licence", "include"), Is.EqualTo("90000.00"));
            Assert.That(Under("licence", "exclude"), Is.EqualTo("0.00"));
            Assert.That(Under("base", "amount"), Is.EqualTo("60000.00"));
            Assert.That(Under("base", "paid"), Is.EqualTo("30000.00"));
            Assert.That(Under("buyer-cap-scope", "project"), Is.EqualTo("90000.00"));
            Assert.That(buyer.Readings.Count(r => r.Chosen), Is.EqualTo(buyer.Readings.Select(r => r.Interpretation).Distinct().Count()));
            Assert.That(Under("major-and-rate", "on-top"), Is.EqualTo("90000.00"));
        });
    }
}
