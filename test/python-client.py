"""What boto3 does with the services of a Fanfold server; prints JSON. Debian's boto3 speaks SQS's Query protocol."""
import json, sys
import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

endpoint = sys.argv[1]
session = boto3.session.Session(aws_access_key_id='AKIAIOSFODNN7EXAMPLE', aws_secret_access_key='secret', region_name='us-east-1')
client = lambda name: session.client(name, endpoint_url=endpoint)
done = {}


def refusal(call):
    try:
        call()
    except ClientError as error:
        return error.response['Error']['Code']
    return 'accepted'


def sqs():
    c = client('sqs')
    dead = c.create_queue(QueueName='py-dead')['QueueUrl']
    arn = c.get_queue_attributes(QueueUrl=dead, AttributeNames=['QueueArn'])['Attributes']['QueueArn']
    policy = json.dumps({'deadLetterTargetArn': arn, 'maxReceiveCount': 1})
    url = c.create_queue(QueueName='py', Attributes={'VisibilityTimeout': '0', 'RedrivePolicy': policy}, tags={'a': 'b'})['QueueUrl']
    yield 'tags', c.list_queue_tags(QueueUrl=url)['Tags']
    yield 'empty', c.receive_message(QueueUrl=url).get('Messages')
    sent = c.send_message(QueueUrl=url, MessageBody='<grün> & "quoted"', MessageAttributes={'n': {'DataType': 'Number', 'StringValue': '3'}})
    got = c.receive_message(QueueUrl=url, AttributeNames=['All'], MessageAttributeNames=['All'])['Messages'][0]
    yield 'same', got['MessageId'] == sent['MessageId'] and got['MD5OfMessageAttributes'] == sent['MD5OfMessageAttributes']
    yield 'body', got['Body']
    yield 'attributes', [got['MessageAttributes'], got['Attributes']['ApproximateReceiveCount']]
    c.receive_message(QueueUrl=url)
    yield 'dead', c.receive_message(QueueUrl=dead)['Messages'][0]['Body']
    yield 'sources', c.list_dead_letter_source_queues(QueueUrl=dead)['queueUrls'] == [url]
    entries = [{'Id': 'a', 'MessageBody': '1'}, {'Id': 'b', 'MessageBody': '\x01'}]
    batch = c.send_message_batch(QueueUrl=url, Entries=entries)
    yield 'batch', [[one['Id'] for one in batch[kind]] for kind in ('Successful', 'Failed')]
    c.purge_queue(QueueUrl=url)
    yield 'purged', c.get_queue_attributes(QueueUrl=url, AttributeNames=['All'])['Attributes']['ApproximateNumberOfMessages']
    yield 'listed', sorted(one.rsplit('/', 1)[1] for one in c.list_queues(QueueNamePrefix='py')['QueueUrls'])
    c.delete_queue(QueueUrl=url)
    yield 'gone', refusal(lambda: c.get_queue_url(QueueName='py'))


def sns():
    c = client('sns')
    topic = c.create_topic(Name='py-topic')['TopicArn']
    queue = client('sqs').create_queue(QueueName='py-told')['QueueUrl']
    arn = 'arn:aws:sqs:us-east-1:000000000000:py-told'
    c.subscribe(TopicArn=topic, Protocol='sqs', Endpoint=arn, Attributes={'RawMessageDelivery': 'true'})
    c.publish(TopicArn=topic, Message='hello')
    yield 'told', client('sqs').receive_message(QueueUrl=queue, WaitTimeSeconds=10)['Messages'][0]['Body']
    yield 'missing', refusal(lambda: c.publish(TopicArn=topic + 'x', Message='hello'))


def dynamodb():
    resource = session.resource('dynamodb', endpoint_url=endpoint)
    schema = [{'AttributeName': 'id', 'KeyType': 'HASH'}, {'AttributeName': 'course', 'KeyType': 'RANGE'}]
    types = [{'AttributeName': name, 'AttributeType': 'S'} for name in ('id', 'course')]
    table = resource.create_table(TableName='py-items', KeySchema=schema, AttributeDefinitions=types, BillingMode='PAY_PER_REQUEST')
    table.wait_until_exists()
    with table.batch_writer() as batch:
        for n in range(60):
            batch.put_item(Item={'id': f'A{n % 2}', 'course': f'{n:02}', 'n': n, 'tags': {'x', 'y'}})
    page = table.query(KeyConditionExpression=Key('id').eq('A0') & Key('course').between('10', '20'), FilterExpression=Attr('n').gt(12), ScanIndexForward=False)
    yield 'query', [item['course'] for item in page['Items']]
    yield 'set', sorted(table.get_item(Key={'id': 'A1', 'course': '01'})['Item']['tags'])
    yield 'condition', refusal(lambda: table.put_item(Item={'id': 'A1', 'course': '01'}, ConditionExpression=Attr('id').not_exists()))
    yield 'count', table.scan(Select='COUNT')['Count']


for area in sys.argv[2:]:
    done[area] = dict(globals()[area]())
print(json.dumps(done))
