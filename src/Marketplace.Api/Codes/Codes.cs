namespace Marketplace.Api.Codes;

/// <summary>国家重点支持的高新技术领域 (2016), the eight fields.</summary>
public enum TechnologyField
{
    [Label("电子信息", "Electronics and information")] Electronics,
    [Label("生物与新医药", "Biology and new medicine")] Biomedicine,
    [Label("航空航天", "Aerospace")] Aerospace,
    [Label("新材料", "New materials")] NewMaterials,
    [Label("高技术服务", "High-technology services")] TechServices,
    [Label("新能源与节能", "New energy and energy saving")] NewEnergy,
    [Label("资源与环境", "Resources and environment")] Environment,
    [Label("先进制造与自动化", "Advanced manufacturing and automation")] AdvancedManufacturing,
}

/// <summary>How the parties would work together. 合作方式</summary>
public enum CooperationMode
{
    [Label("技术开发", "Development")] Development,
    [Label("技术转让", "Transfer")] Transfer,
    [Label("技术许可", "Licence")] Licence,
    [Label("技术咨询", "Consulting")] Consulting,
    [Label("技术服务", "Service")] Service,
    [Label("作价入股", "Equity")] Equity,
}

/// <summary>技术需求的类型</summary>
public enum DemandKind
{
    [Label("技术难题", "Problem")] Problem,
    [Label("应用场景", "Application scenario")] Scenario,
    [Label("揭榜挂帅", "Open challenge")] Challenge,
}

/// <summary>知识产权的种类; the national number is the digit that a patent number carries for its kind.</summary>
public enum RightKind
{
    [Label("发明专利", "Invention patent", "1")] InventionPatent,
    [Label("实用新型专利", "Utility model", "2")] UtilityModel,
    [Label("外观设计专利", "Design patent", "3")] Design,
    [Label("计算机软件著作权", "Software copyright")] Software,
    [Label("集成电路布图设计专有权", "Layout design of integrated circuits")] Layout,
    [Label("植物新品种权", "Plant variety")] Variety,
    [Label("技术秘密", "Know-how")] KnowHow,
}

/// <summary>定价方式</summary>
public enum PriceMode
{
    [Label("挂牌", "Listed price")] Listed,
    [Label("协议定价", "Negotiated")] Negotiated,
    [Label("拍卖", "Auction")] Auction,
}

/// <summary>谢绝对接的原因</summary>
public enum DeclineReason
{
    [Label("与需求不符", "Not relevant")] NotRelevant,
    [Label("成熟度不足", "Too early")] TooEarly,
    [Label("价格过高", "Too expensive")] TooExpensive,
    [Label("已经解决", "Already solved")] AlreadySolved,
    [Label("保密顾虑", "Confidentiality concern")] ConfidentialityConcern,
    [Label("暂无力量承接", "No capacity at present")] NoCapacity,
    [Label("其他", "Other")] Other,
}
