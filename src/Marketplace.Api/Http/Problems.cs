using System.Globalization;
using Marketplace.Rules;

namespace Marketplace.Api.Http;

/// <summary>A kind of refusal: its code, its status, and what its page says.</summary>
public sealed record ProblemType(string Code, int Status, Wording Title, Wording Cause, Wording Fix);

/// <summary>A request that is refused. Thrown where the reason is found; <see cref="ProblemWriter"/> turns it into the answer.</summary>
public sealed class Refusal(ProblemType type, Wording detail) : Exception(detail.En)
{
    public ProblemType Type => type;

    public Wording Detail => detail;

    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>Whether the faults are in the query rather than in the body.</summary>
    public bool InQuery { get; init; }

    /// <summary>Further members of the problem document.</summary>
    public IReadOnlyDictionary<string, object> Members { get; init; } = new Dictionary<string, object>();

    /// <summary>Headers that go with it, such as <c>Retry-After</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>Every refusal that the API knows, one method each. api-specs/problems.md is this list for readers.</summary>
public static class Problems
{
    static readonly List<ProblemType> Types = [];

    static readonly ProblemType MalformedJsonType = Define("malformed-json", 400, new("不是合法的 JSON", "Not well-formed JSON"),
        new("请求体被截断、语法有误、成员重复、根类型不对或嵌套超过 64 层。", "The body is truncated, breaks JSON's grammar, repeats a member, has the wrong root or nests more than 64 levels."),
        new("按 detail 给出的位置修正请求体。", "Mend the body at the place that the detail names."));

    static readonly ProblemType MalformedRequestType = Define("malformed-request", 400, new("请求不合 HTTP 规范", "Not a well-formed request"),
        new("地址含有 %00 或非 ASCII 字节、Host 无效，或只能出现一次的请求头出现了两次。", "The address holds %00 or bytes that are no ASCII, Host is not a host, or a header that comes once came twice."),
        new("按 detail 修正请求行或请求头；特殊字符须百分号编码。", "Mend the request line or the header that the detail names; special characters are percent-encoded."));

    static readonly ProblemType UnknownFieldType = Define("unknown-field", 400, new("含有未知成员或参数", "An unknown member or parameter"),
        new("请求体或查询串中有接口未定义的名称，多为拼写错误。", "The body or the query holds a name that the operation does not define, most often a misspelling."),
        new("删除或改正 errors 中列出的名称；全部名称见 /swagger。", "Remove or correct the names listed in errors; /swagger shows all names."));

    static readonly ProblemType ReadOnlyFieldType = Define("read-only-field", 400, new("含有只读成员", "A member that only the server writes"),
        new("state、owner、version 等成员由服务器维护。", "Members such as state, owner and version are kept by the server."),
        new("不要提交 errors 中列出的成员；状态通过动作接口改变。", "Leave out the members listed in errors; a state changes by its actions."));

    static readonly ProblemType ValidationFailedType = Define("validation-failed", 400, new("数据不符合要求", "The data do not meet the requirements"),
        new("类型、长度、代码、日期、金额或编号校验位有误；errors 列出全部错误，最多 100 处。", "A type, length, code, date, sum or check digit is wrong; errors lists every fault, of more than 100 the first."),
        new("按 errors 中的 pointer 或 parameter 逐一修正。", "Correct each place that a pointer or parameter in errors names."));

    static readonly ProblemType CursorInvalidType = Define("cursor-invalid", 400, new("游标无效", "The cursor is not valid here"),
        new("游标来自另一个列表或另一组筛选条件，或已被改动。", "The cursor comes from another list or other filters, or was changed."),
        new("使用同一列表、同一筛选条件返回的 nextCursor，或从第一页开始。", "Send the nextCursor of the same list and filters, or start at the first page."));

    static readonly ProblemType IdempotencyKeyInvalidType = Define("idempotency-key-invalid", 400, new("幂等键无效", "The idempotency key is not usable"),
        new("Idempotency-Key 应为 1 至 255 个可见 ASCII 字符。", "An Idempotency-Key has 1 to 255 visible ASCII characters."),
        new("每次新的意图使用一个新的 UUID。", "Use a fresh UUID for each new intention."));

    static readonly ProblemType IdempotencyKeyRequiredType = Define("idempotency-key-required", 400, new("需要幂等键", "An idempotency key is required"),
        new("涉及资金的请求必须可安全重试。", "A request that moves money must be safe to repeat."),
        new("加上 Idempotency-Key 请求头，重试时保持不变。", "Add an Idempotency-Key header and keep it for every retry."));

    static readonly ProblemType UnauthenticatedType = Define("unauthenticated", 401, new("需要有效的密钥", "A valid key is required"),
        new("没有提供密钥，或密钥错误、已被撤销。", "No key was sent, or it is wrong or revoked."),
        new("在 Authorization 请求头中以 Bearer 方式提供 tm_ 开头的密钥。", "Send the key that begins with tm_ in the Authorization header, as Bearer."));

    static readonly ProblemType ForbiddenType = Define("forbidden", 403, new("无权执行此操作", "Not allowed to this caller"),
        new("资源可见，但此操作属于其他角色或其他当事方。", "The resource is visible, but the action belongs to another role or party."),
        new("由 requiredRoles 列出的角色或当事方执行。", "Let one of the roles or parties in requiredRoles do it."));

    static readonly ProblemType SeparationOfDutyType = Define("separation-of-duty", 403, new("不相容职责", "Somebody else has to do this"),
        new("同一人已办理前一环节，或已代表合同一方经手此事：审查、审批、支付、计划与开放须由不同的人员办理，一人不为双方签字。",
            "The same person took an earlier step, or acted in the matter for a party: review, approval and payment, planning and opening are for different people, and nobody signs for both sides."),
        new("由另一位有相应角色的人员办理。", "Let another person with the role do it."));

    static readonly ProblemType ConflictOfInterestType = Define("conflict-of-interest", 403, new("利益冲突", "A conflict of interest"),
        new("密钥所属单位是申领人、合同的买方、卖方、经纪人，或信息的归属方。", "The key belongs to the payee, to the contract's buyer, seller or broker, or to the listing's owner."),
        new("由无利害关系单位的人员办理。", "Let an official of an organisation that has no part in it do it."));

    static readonly ProblemType NotFoundType = Define("not-found", 404, new("未找到", "Not found"),
        new("地址或标识不存在，或对当前调用者不可见。", "The address or id does not exist, or this caller may not know of it."),
        new("核对地址和标识；需要时使用有权限的密钥。", "Check the address and the id; use a key that may see it."));

    static readonly ProblemType MethodNotAllowedType = Define("method-not-allowed", 405, new("不支持该方法", "The method is not supported here"),
        new("此地址存在，但不支持该 HTTP 方法。", "The address exists but does not take this HTTP method."),
        new("使用 Allow 响应头列出的方法。", "Use one of the methods in the Allow header."));

    static readonly ProblemType NotAcceptableType = Define("not-acceptable", 406, new("无法提供所要求的格式", "No answer in the format asked for"),
        new("Accept 请求头不包含接口能返回的格式。", "The Accept header names no format that the operation can answer in."),
        new("接受 application/json，或省略 Accept。", "Accept application/json, or leave the header out."));

    static readonly ProblemType InvalidTransitionType = Define("invalid-transition", 409, new("当前状态不允许此操作", "Not possible in this state"),
        new("资源当前状态（currentState）下没有该动作。", "The resource's state, given as currentState, does not have this action."),
        new("重新读取资源，从 availableActions 中选择。", "Read the resource again and choose from availableActions."));

    static readonly ProblemType AlreadyExistsType = Define("already-exists", 409, new("已存在", "It exists already"),
        new("唯一的编号已被登记。", "A number that must be unique is taken."),
        new("核对 errors 中的编号，或使用已有的记录。", "Check the number named in errors, or use the record that has it."));

    static readonly ProblemType FundInsufficientType = Define("fund-insufficient", 409, new("专项资金余额不足", "The fund does not hold the sum"),
        new("可用余额少于所需金额，或专项资金未开放。", "Less is available than is needed, or the fund is not open."),
        new("等待追加预算，或提交个案决定；未做任何更改。", "Wait for a larger budget, or put the case up for a decision; nothing was changed."));

    static readonly ProblemType ClaimFrozenType = Define("claim-frozen", 409, new("申领暂停办理", "The claim rests"),
        new("合同条款变更尚未重新认定登记，或同一奖补、同一限额下已支付的部分正在向任何一方追回。",
            "The contract's changed terms wait for recognition, or what was paid of the award, or under a limit that it shares, is being recovered from anybody."),
        new("待合同重新认定登记或追回事项决定后再办理。", "Go on when the contract is recognised anew, or the recovery is decided."));

    static readonly ProblemType EntitlementExceededType = Define("entitlement-exceeded", 409, new("超出现应享受的金额", "More than the award comes to now"),
        new("批准时重新计算：申领金额超过该奖补现在的应享受金额，例如其他人未退回的部分已占用。",
            "Computed anew for its approval, the award comes to less than is claimed, for example because others keep a part of it."),
        new("撤回此申领后重新申领，金额将重新计算。", "Withdraw the claim and claim anew: the sum is then computed anew."));

    static readonly ProblemType LimitExceededType = Define("limit-exceeded", 409, new("超出登记的限额", "Above a limit on record"),
        new("同一限额下对所有收款人已支付、已批准而未退回的金额，超过申领时登记的上限（K10）；未变动任何资金。",
            "What is paid and promised under one limit, to all payees, and was not given back is above the ceiling that was stored with the claims (K10). Nothing was moved."),
        new("见 /funds/{id}/invariants；查明是哪一笔申领或限额记录被改动，恢复后重试。",
            "See /funds/{id}/invariants; find which claim or limit on record was altered, restore it and try again."));

    static readonly ProblemType NotInTurnType = Define("not-in-turn", 409, new("尚未轮到", "Others were complete before it"),
        new("该专项资金按审查完成的先后批准；批准此申领后，先完成的申领将无余额。", "The fund serves first who was complete first, and approving this claim would leave earlier ones without money."),
        new("先批准排在前面的申领，或在 outOfTurn 中记录个案决定的理由。", "Approve the earlier claims first, or record in outOfTurn why the case is decided otherwise."));

    static readonly ProblemType BooksBrokenType = Define("books-broken", 409, new("台账核对不符", "The fund's books do not add up"),
        new("K1–K10 中有一项不成立，资金变动已停止。", "One of K1 to K10 does not hold; nothing of the fund moves."),
        new("查看 /funds/{id}/invariants，恢复台账；下一次核对通过后自动恢复。", "See /funds/{id}/invariants and restore the books; the next check that holds lets the fund go on."));

    static readonly ProblemType RecordAlteredType = Define("record-altered", 409, new("记录被改动", "A stored record was altered"),
        new("数据库中的记录与办理时记下的不一致，或无法读取：有人绕过系统作了改动。", "A record in the database is not what was recorded of it, or cannot be read: somebody changed it past the market."),
        new("恢复 detail 所指的记录后再办理；全部核对：Marketplace.Api verify。", "Restore the record that the detail names, then go on; 'Marketplace.Api verify' checks them all."));

    static readonly ProblemType IdempotencyInProgressType = Define("idempotency-in-progress", 409, new("同键请求仍在处理", "The first request with this key still runs"),
        new("同一幂等键的上一次请求尚未结束。", "An earlier request with the same key has not ended."),
        new("按 Retry-After 稍后原样重试。", "Repeat the same request after the time in Retry-After."));

    static readonly ProblemType PreconditionFailedType = Define("precondition-failed", 412, new("资源已被修改", "The resource has changed"),
        new("If-Match 中的版本已不是当前版本。", "The version in If-Match is no longer the current one."),
        new("重新读取资源，合并修改后以新的 ETag 重试。", "Read the resource again, merge your change and retry with the new ETag."));

    static readonly ProblemType BodyTooLargeType = Define("body-too-large", 413, new("请求体过大", "The body is too large"),
        new("请求体超过 1 MiB。", "The body is larger than 1 MiB."),
        new("缩短内容；大批量数据使用 /api/v1/imports。", "Send less; use /api/v1/imports for many records."));

    static readonly ProblemType AddressTooLongType = Define("address-too-long", 414, new("地址过长", "The address is too long"),
        new("请求行超过 8 KiB。", "The request line is longer than 8 KiB."),
        new("缩短查询；较长的文本用 POST /api/v1/matches 提交。", "Shorten the query; POST /api/v1/matches takes longer texts."));

    static readonly ProblemType HeadersTooLargeType = Define("headers-too-large", 431, new("请求头过大", "The headers are too large"),
        new("请求头合计超过 32 KiB，或超过 100 个。", "The headers come to more than 32 KiB, or are more than 100."),
        new("减少请求头后重试。", "Send fewer or shorter headers."));

    static readonly ProblemType TooSlowType = Define("request-timeout", 408, new("请求发送过慢", "The request came too slowly"),
        new("请求头或请求体没有在规定时间内到达。", "The headers or the body did not arrive in time."),
        new("检查网络后重试。", "Check the network and send it again."));

    static readonly ProblemType RateLimitedType = Define("rate-limited", 429, new("请求过多", "Too many requests"),
        new("同一密钥或同一地址的请求超过限额；响应头 RateLimit-Policy 和 RateLimit 给出限额与余量。", "A key or an address asks more than its allowance; the headers RateLimit-Policy and RateLimit tell the allowance and what is left."),
        new("按 Retry-After 等待后重试；大批数据使用 /api/v1/imports 和 /api/v1/evaluations/batch。", "Wait for the time in Retry-After; use /api/v1/imports and /api/v1/evaluations/batch for many records."));

    static readonly ProblemType UnsupportedMediaTypeType = Define("unsupported-media-type", 415, new("不支持的内容类型", "The content type is not supported"),
        new("Content-Type 或 Content-Encoding 不是此接口接受的。", "The Content-Type or Content-Encoding is not one that the operation takes."),
        new("按 detail 给出的类型发送 UTF-8 内容。", "Send UTF-8 in the type that the detail names."));

    static readonly ProblemType IdempotencyKeyReusedType = Define("idempotency-key-reused", 422, new("幂等键已用于其他请求", "The key was used for another request"),
        new("同一幂等键曾用于内容、地址、If-Match 或办理人不同的请求。", "The same key came earlier with another body, address or If-Match, or of another person."),
        new("为新的意图使用新的键。", "Use a new key for a new intention."));

    static readonly ProblemType UnknownReferenceType = Define("unknown-reference", 422, new("引用的资源不可用", "A referenced resource cannot be used"),
        new("请求引用了不存在、不可见或种类不符的资源。", "The request names a resource that does not exist, is hidden from the caller or is of the wrong kind."),
        new("核对 errors 中的标识。", "Check the ids named in errors."));

    // 422: well-formed, but against a rule of the market. The slice that knows the rule gives the limit and the value sent.
    static readonly string[] Rules =
    [
        Rule("amount-order", new("金额区间颠倒", "The range of money is inverted")),
        Rule("dates-order", new("日期先后颠倒", "The dates are in the wrong order")),
        Rule("deadline-passed", new("截止日期已过", "The deadline is over")),
        Rule("date-in-future", new("日期在将来", "The date lies in the future")),
        Rule("shares-not-100", new("份额之和不是 100", "The shares do not add up to 100")),
        Rule("price-amount", new("价格与定价方式不符", "The price does not fit its mode")),
        Rule("technology-amount-above-amount", new("技术交易额超过合同成交额", "The technology amount is above the contract amount")),
        Rule("technology-amount-below-received", new("技术交易额低于已到账金额", "The technology amount is below what is received")),
        Rule("opinion-required", new("缺少专家意见", "An expert opinion is missing")),
        Rule("proposal-differs", new("与待确认的认定内容不一致", "It differs from the approval that waits")),
        Rule("number-form", new("登记编号格式不符", "The registration number has no form in force")),
        Rule("payment-above-technology-amount", new("到账金额超过技术交易额", "What is received would pass the technology amount")),
        Rule("contract-not-signed", new("合同未签订", "The contract is not signed")),
        Rule("party-is-fixed", new("签约主体不能变更", "A party that has signed is no term")),
        Rule("same-party", new("双方为同一主体", "Both sides are the same party")),
        Rule("not-a-side", new("调用者不是任何一方", "The caller is neither side")),
        Rule("other-side-needed", new("缺少另一方", "The other side is missing")),
        Rule("not-published", new("信息未在发布状态", "The listing is not published")),
        Rule("not-a-broker", new("不是技术经纪人或中介机构", "Not a broker or an agency")),
        Rule("introduction-not-mutual", new("对接尚未双方确认", "The introduction is not mutual")),
        Rule("introduction-mismatch", new("与对接记录不一致", "It does not agree with the introduction")),
        Rule("listing-mismatch", new("与需求或成果的归属不一致", "It does not agree with whom the listing belongs to")),
        Rule("number-required", new("缺少登记编号", "The registration number is missing")),
        Rule("owner-required", new("缺少归属方", "The owner is missing")),
        Rule("one-subject-needed", new("订阅对象不唯一", "A subscription has one subject")),
        Rule("too-many-subscriptions", new("订阅过多", "Too many subscriptions")),
        Rule("contract-not-recognised", new("合同未认定登记", "The contract is not recognised")),
        Rule("award-not-due", new("奖补不成立", "The award is not due")),
        Rule("decision-outside-range", new("决定金额超出范围", "The decision is outside the range")),
        Rule("amount-above-held", new("追回金额超出所持有的金额", "More than the payee holds")),
        Rule("amount-zero", new("金额为零", "The sum is nothing")),
        Rule("adjustment-differs", new("与待确认的调整不一致", "It differs from the adjustment that waits")),
        Rule("not-an-office", new("不是可授予公务角色的单位", "The party is no office")),
        Rule("office-reason-required", new("缺少标记为 office 的理由", "The reason for marking an office is missing")),
        Rule("too-many-keys", new("密钥过多", "Too many keys")),
        Rule("identical-contract", new("与已登记的合同相同", "It is identical to a contract on the register")),
        Rule("date-implausible", new("日期不合常理", "The date cannot be right")),
        Rule("project-is-fixed", new("项目已有奖补，不能更名", "The project has awards and keeps its name")),
        Rule("fund-already-open", new("同一政策、年度和地区已有开放的专项资金", "Another fund is open for the policy, year and region")),
        Rule("sum-too-large", new("金额超出上限", "The sum is too large")),
        Rule("credit-code-required", new("缺少统一社会信用代码", "The unified social credit code is missing")),
    ];

    static readonly ProblemType PreconditionRequiredType = Define("precondition-required", 428, new("需要 If-Match", "If-Match is required"),
        new("修改必须说明基于哪个版本，以免覆盖他人的修改。", "A change must say which version it rests on, so that nobody's change is lost."),
        new("先读取资源，把 ETag 放入 If-Match 请求头。", "Read the resource first and send its ETag in If-Match."));

    static readonly ProblemType InternalErrorType = Define("internal-error", 500, new("服务器内部错误", "Something broke inside"),
        new("服务器出现未预料的错误，已连同 requestId 记录。", "The server met an error it did not expect and logged it with the requestId."),
        new("稍后重试；如仍出现，请提供 requestId。", "Try again later; if it persists, report the requestId."));

    static readonly ProblemType DatabaseUnavailableType = Define("database-unavailable", 503, new("数据库暂时不可用", "The database is away"),
        new("数据库无法连接或暂时不能写入。", "The database cannot be reached or cannot be written at the moment."),
        new("按 Retry-After 重试；写请求请带幂等键，以免重复执行。", "Retry after the time in Retry-After; send writes with an idempotency key so that none runs twice."));

    static readonly ProblemType StartingType = Define("starting", 503, new("正在启动", "Still starting"),
        new("服务正在完成启动工作，例如载入演示数据。", "The service is finishing its start, such as loading the demo data."),
        new("按 Retry-After 重试。", "Retry after the time in Retry-After."));

    static readonly ProblemType ServerBusyType = Define("server-busy", 503, new("计算繁忙", "Too many computations at once"),
        new("正在进行的匹配、测算等计算已达上限。", "As many matches, evaluations and other computations are running as the server does at once."),
        new("按 Retry-After 重试。", "Retry after the time in Retry-After."));

    public static IReadOnlyList<ProblemType> All => Types;

    public static Refusal MalformedJson(Wording detail) => new(MalformedJsonType, detail);

    /// <summary>What was sent ended early, or its chunks make no body.</summary>
    public static Refusal BrokenBody() => MalformedJson(new("请求无法读取或已中断。", "The request could not be read or broke off."));

    public static Refusal RepeatedHeader(string name) =>
        new(MalformedRequestType, new($"请求头 {name} 只能出现一次。", $"The header {name} comes once."));

    /// <summary>What the server refuses before there is a request, by its status; null where it is no matter of the contract.</summary>
    public static Refusal? Unreadable(int status) => status switch
    {
        StatusCodes.Status400BadRequest => new(MalformedRequestType, new("请求行、地址或请求头不合 HTTP 规范。", "The request line, the address or a header breaks HTTP's grammar.")),
        StatusCodes.Status408RequestTimeout => new(TooSlowType, new("请求没有在规定时间内到达。", "The request did not arrive in time.")),
        StatusCodes.Status413PayloadTooLarge => BodyTooLarge(),
        StatusCodes.Status414UriTooLong => new(AddressTooLongType, new("请求行最多 8 KiB。", "A request line has at most 8 KiB.")),
        StatusCodes.Status431RequestHeaderFieldsTooLarge => new(HeadersTooLargeType, new("请求头最多 100 个，合计最多 32 KiB。", "At most 100 headers, of at most 32 KiB together.")),
        _ => null,
    };

    /// <param name="seconds">After which it is worth trying again.</param>
    public static Refusal RateLimited(Wording detail, int seconds) => new(RateLimitedType, detail)
    {
        Headers = new Dictionary<string, string> { ["Retry-After"] = seconds.ToString(CultureInfo.InvariantCulture) },
    };

    public static Refusal ServerBusy() => new(ServerBusyType, new("请稍后重试。", "Try again shortly."))
    {
        Headers = new Dictionary<string, string> { ["Retry-After"] = "1" },
    };

    /// <summary>All faults of a body in one refusal; the most basic kind among them gives its code.</summary>
    public static Refusal Invalid(IReadOnlyList<Fault> faults) => Invalid(faults, inQuery: false);

    public static Refusal InvalidQuery(IReadOnlyList<Fault> faults) => Invalid(faults, inQuery: true);

    public static Refusal CursorInvalid() =>
        new(CursorInvalidType, new("游标不属于这个列表和这组筛选条件。", "The cursor does not belong to this list and these filters."));

    public static Refusal IdempotencyKeyInvalid() =>
        new(IdempotencyKeyInvalidType, new("Idempotency-Key 应为 1 至 255 个可见 ASCII 字符，且只出现一次。", "Idempotency-Key must be 1 to 255 visible ASCII characters, and come once."));

    public static Refusal IdempotencyKeyRequired() =>
        new(IdempotencyKeyRequiredType, new("此请求涉及资金，必须带 Idempotency-Key。", "This request moves money and must carry an Idempotency-Key."));

    public static Refusal Unauthenticated() =>
        new(UnauthenticatedType, new("请提供有效的密钥。", "Send a valid key."))
        {
            Headers = new Dictionary<string, string> { ["WWW-Authenticate"] = "Bearer" },
        };

    public static Refusal Forbidden(params string[] who) =>
        new(ForbiddenType, new($"需要以下身份之一：{string.Join("、", who.Select(one => LifecycleLabels.OfCapacity(one).Zh))}。", $"Needs one of: {string.Join(", ", who.Select(one => LifecycleLabels.OfCapacity(one).En))}."))
        {
            Members = new Dictionary<string, object> { ["requiredRoles"] = who },
        };

    public static Refusal SeparationOfDuty(string person) =>
        new(SeparationOfDutyType, new($"{person} 已办理前一环节，或已代表当事方经手此事。", $"{person} took an earlier step, or has acted in the matter for a party."));

    public static Refusal ConflictOfInterest() => new(ConflictOfInterestType, new(
        "调用者所属单位与此事有利害关系，不得办理。", "The caller's organisation has a stake in this, and may not decide on it."));

    public static Refusal NotFound() => new(NotFoundType, new("没有这个资源，或您无权查看。", "There is no such resource, or you may not see it."));

    public static Refusal MethodNotAllowed() => new(MethodNotAllowedType, new("此地址不支持该方法。", "This address does not take the method."));

    public static Refusal NotAcceptable(string offered) => new(NotAcceptableType, new($"可提供 {offered}。", $"The answer is available as {offered}."));

    public static Refusal InvalidTransition(string action, string state, IReadOnlyList<string> available) =>
        new(InvalidTransitionType, new($"状态“{LifecycleLabels.OfState(state).Zh}”下不能执行 {action}。", $"'{action}' is not possible in the state '{state}'."))
        {
            Members = new Dictionary<string, object> { ["currentState"] = state, ["availableActions"] = available },
        };

    public static Refusal AlreadyExists(string pointer, Wording detail) =>
        new(AlreadyExistsType, detail) { Faults = [new(pointer, "already-exists", detail)] };

    public static Refusal FundInsufficient(Wording detail) => new(FundInsufficientType, detail);

    public static Refusal ClaimFrozen(Wording detail) => new(ClaimFrozenType, detail);

    public static Refusal EntitlementExceeded(Wording detail) =>
        new(EntitlementExceededType, detail) { Faults = [new("/amount", "entitlement-exceeded", detail)] };

    public static Refusal LimitExceeded(Wording detail) => new(LimitExceededType, detail) { Faults = [new("/amount", "limit-exceeded", detail)] };

    public static Refusal NotInTurn(Fen earlier, Fen available) => new(NotInTurnType, new(
        $"先完成的申领共 {earlier} 元，可用余额 {available} 元。", $"Earlier claims come to {earlier} yuan; {available} yuan are available."));

    public static Refusal BooksBroken(string fund, string breach) =>
        new(BooksBrokenType, new($"专项资金 {fund}：{breach} 不成立。", $"{fund}: {breach} does not hold."));

    public static Refusal RecordAltered(Wording detail) => new(RecordAlteredType, detail);

    public static Refusal RecordUnreadable(string record) => RecordAltered(new($"{record} 无法读取。", $"{record} cannot be read."));

    public static Refusal IdempotencyInProgress() =>
        new(IdempotencyInProgressType, new("同一幂等键的请求仍在处理。", "A request with this key is still running."))
        {
            Headers = new Dictionary<string, string> { ["Retry-After"] = "1" },
        };

    public static Refusal PreconditionFailed(string currentETag) =>
        new(PreconditionFailedType, new($"当前版本为 {currentETag}。", $"The current version is {currentETag}."))
        {
            Headers = new Dictionary<string, string> { ["ETag"] = currentETag },
        };

    public static Refusal BodyTooLarge() => new(BodyTooLargeType, new("请求体最多 1 MiB。", "A body has at most 1 MiB."));

    public static Refusal UnsupportedMediaType(string? sent, string wanted) =>
        new(UnsupportedMediaTypeType, new($"应为 {wanted}，收到 {sent ?? "（无）"}。", $"Must be {wanted}; {sent ?? "none"} was sent."));

    public static Refusal UnsupportedCoding(string sent) =>
        new(UnsupportedMediaTypeType, new($"请求体不得压缩，收到 Content-Encoding: {sent}。", $"A body is sent as it is; Content-Encoding: {sent} was sent."))
        {
            Headers = new Dictionary<string, string> { ["Accept-Encoding"] = "identity" },
        };

    public static Refusal IdempotencyKeyReused() =>
        new(IdempotencyKeyReusedType, new("此键已用于另一请求（内容、地址、If-Match 或办理人不同），未执行任何操作。",
            "This key came with another request (its body, address, If-Match or person differ); nothing was done."));

    public static Refusal UnknownReference(string place, Wording detail, bool inQuery = false) =>
        new(UnknownReferenceType, detail) { Faults = [new(place, "unknown-reference", detail)], InQuery = inQuery };

    public static Refusal UnknownReference(Fault fault) => new(UnknownReferenceType, fault.Detail) { Faults = [fault] };

    /// <summary>One or more rules of the market are broken; the first gives its code, which must be one of the list above.</summary>
    public static Refusal RuleViolated(IReadOnlyList<Fault> faults, bool inQuery = false) =>
        new(Types.Single(type => type.Code == faults[0].Code && Rules.Contains(type.Code)), faults[0].Detail) { Faults = faults, InQuery = inQuery };

    /// <summary>Faults found beyond the shape: rules of the market, unless a value itself is wrong.</summary>
    public static Refusal Refused(IReadOnlyList<Fault> faults) =>
        faults.All(fault => Rules.Contains(fault.Code)) ? RuleViolated(faults) : Invalid(faults);

    public static Refusal RuleViolated(string pointer, string code, Wording detail) => RuleViolated([new(pointer, code, detail)]);

    public static Refusal PreconditionRequired() =>
        new(PreconditionRequiredType, new("请在 If-Match 中提供所读取版本的 ETag。", "Send the ETag of the version you read in If-Match."));

    public static Refusal InternalError() => new(InternalErrorType, new("请求未能完成。", "The request could not be completed."));

    public static Refusal DatabaseUnavailable() =>
        new(DatabaseUnavailableType, new("请稍后重试。", "Try again shortly."))
        {
            Headers = new Dictionary<string, string> { ["Retry-After"] = "1" },
        };

    public static Refusal Starting() =>
        new(StartingType, new("请稍后重试。", "Try again shortly."))
        {
            Headers = new Dictionary<string, string> { ["Retry-After"] = "1" },
        };

    static Refusal Invalid(IReadOnlyList<Fault> faults, bool inQuery)
    {
        var type = faults.Any(f => f.Code == "unknown-field") ? UnknownFieldType
            : faults.Any(f => f.Code == "read-only-field") ? ReadOnlyFieldType
            : ValidationFailedType;
        const int Most = Validation.MostFaults;
        return new(type, faults.Count > Most
            ? new($"错误超过 {Most} 处，errors 列出前 {Most} 处。", $"More than {Most} faults, of which errors lists the first {Most}.")
            : new($"共 {faults.Count} 处错误，见 errors。", $"{faults.Count} fault{(faults.Count == 1 ? "" : "s")}, listed in errors."))
        {
            Faults = faults,
            InQuery = inQuery,
        };
    }

    static string Rule(string code, Wording title) =>
        Define(code, 422, title,
            new("数据格式正确，但违反业务规则；detail 给出限值和收到的值。", "The data are well-formed but break a rule; the detail gives the limit and the value sent."),
            new("按 errors 指出的位置调整后重试。", "Adjust the places that errors names and send again.")).Code;

    static ProblemType Define(string code, int status, Wording title, Wording cause, Wording fix)
    {
        var type = new ProblemType(code, status, title, cause, fix);
        Types.Add(type);
        return type;
    }
}
