namespace Marketplace.Rules.Tests.Checking;

/// <summary>A small law in force, for one fault at a time.</summary>
internal static class Small
{
    public const string Yaml =
        """
        schema: policy/1
        id: small
        version: "1"
        region: "630100"
        title: small
        authority: office
        source: { file: none.txt }
        inForce: { from: 2023-01-01, cite: day }
        governedBy: recognisedOn
        clauses:
          day: { article: "0", quote: "自2023年1月1日起施行" }
          rate: { article: "1", quote: "技术开发合同年度累计一千万元以上的,给予百分之三的补贴,最高不超过10万元" }
          once: { article: "2", quote: "一次性奖励20万元,尾数舍去" }
        awards:
          volume:
            label: volume
            payee: seller
            when:
              - { kind: [development], cite: rate }
              - { yearlyAmount: { from: 1000万元 }, cite: rate }
            base: yearlyAmount
            amount: { rate: 3%, cite: rate }
            limits: [ { cap: 10万元, scope: contract, cite: rate } ]
          once:
            label: once
            payee: buyer
            amount: { fixed: 20万元, cite: once }
            round: { to: 1分, mode: down, cite: once }

        """;

    public const string Examples =
        """
        - name: start
          given: { kind: 技术开发, recognisedOn: 2023-06-01, yearlyAmount: 2000万元 }
          expect: { volume: { amount: 10万元 }, once: { amount: 20万元 } }

        """;
}
